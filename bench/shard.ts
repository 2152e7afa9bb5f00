// A part of a long benchmark, so that it can be run in pieces.
import { ParseError } from '#domain/errors.ts';

export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** `2/8`: the second of eight. @throws ParseError */
export function parseShard(text: string): Shard {
  const [, number, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  if (!(shard.number <= shard.of)) throw new ParseError(`Cannot parse shard "${text}": it is not like 2/8`);
  return shard;
}

/** Every so many-th, so that each part has some of everything. */
export const inShard =
  ({ number, of }: Shard) =>
  (_: unknown, index: number): boolean =>
    index % of === number - 1;
