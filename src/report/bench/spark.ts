// Small charts for terminals, one line each: eight heights of block, or letters where a terminal has no blocks.

export type SparkStyle = 'blocks' | 'ascii';

const LEVELS: Readonly<Record<SparkStyle, readonly string[]>> = {
  blocks: [...'▁▂▃▄▅▆▇█'],
  ascii: [...'.:-=+*%#'],
};

/** A blank for 0; anything above it can be seen. @param shares 0 to 1. */
export function renderSpark(shares: readonly number[], style: SparkStyle): string {
  const levels = LEVELS[style];
  return shares
    .map(share => (share <= 0 ? ' ' : (levels[Math.min(levels.length - 1, Math.floor(share * levels.length))] ?? ' ')))
    .join('');
}
