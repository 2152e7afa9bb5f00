// The text map of `berth inspect --from FILE`: what the pasted output tells, and what it does not.
import type { PastedTopology } from '#domain/pasted-topology.ts';
import { flowWords, plainPiece } from './flow-words.ts';
import type { HostMapOptions } from './host-map.ts';
import { makePaint, type Paint } from './paint.ts';
import { makePastedFacts, makePastedOutline, type OutlineEntry, wrapFacts } from './pasted-outline.ts';
import { printable } from './printable.ts';

/** Ends with a newline. */
export function renderPastedText(pasted: PastedTopology, { color, width }: HostMapOptions): string {
  const paint = makePaint(color);
  const room = Math.max(width, 40);
  const lines = [
    `${paint.bold(printable(pasted.model ?? 'unknown processor'))}  ${paint.dim(`as ${pasted.tool} tells it`)}`,
    ...flowWords(makePastedFacts(pasted).map(plainPiece), { width: room, separator: ' · ' }),
    '',
    ...makePastedOutline(pasted).flatMap(entry => renderEntry(entry, '', { paint, width: room })),
    '',
    paint.bold('Not known, or not understood'),
    ...pasted.unknown.map(({ reason }) => `  ${paint.warn('?')} ${printable(reason)}`),
  ];
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`;
}

interface Style {
  readonly paint: Paint;
  readonly width: number;
}

function renderEntry({ title, facts, children }: OutlineEntry, indent: string, style: Style): readonly string[] {
  const left = `${indent}${title}  `;
  const [first = '', ...more] = wrapFacts(facts, Math.max(style.width - left.length, 20));
  return [
    `${indent}${style.paint.bold(title)}  ${first}`,
    ...more.map(line => ' '.repeat(left.length) + line),
    ...children.flatMap(child => renderEntry(child, `${indent}  `, style)),
  ];
}
