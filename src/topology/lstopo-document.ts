// The parts of an lstopo XML file that tell about CPUs and memory, as read and not yet understood.
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { failAt } from './pasted-lines.ts';

/** One `<object>`; parents before children in the document. */
export interface LstopoObject {
  readonly type: string;
  readonly line: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parent: LstopoObject | null;
  /** Of `<info>` elements, by name. */
  readonly infos: Map<string, string>;
}

export interface LstopoDocument {
  readonly objects: readonly LstopoObject[];
  /** Node ids in the order of a square matrix; v1 does not name the nodes: then `nodes` is null. */
  readonly distances: readonly LstopoDistances[];
  readonly cpuKinds: readonly LstopoCpuKind[];
}

export interface LstopoDistances {
  readonly line: number;
  readonly nodes: readonly number[] | null;
  readonly values: readonly number[];
}

export interface LstopoCpuKind {
  readonly line: number;
  readonly cpuset: string;
  readonly infos: Map<string, string>;
}

/** `0xf0000000,,0x0000000f`: words of 32 bits, highest first, an empty one is zero. @throws ParseError at the line. */
export function parseLstopoCpuSet(text: string, line: number): CpuSet {
  const words = text.split(',').reverse();
  if (text === '' || words.length > 2048 || !words.every(word => /^(0x[\da-f]{1,8})?$/i.test(word))) {
    failAt(line, `Cannot parse cpuset "${text}": expected words such as 0x0000000f`);
  }
  return cpuSet(
    words.flatMap((word, position) => {
      const bits = Number(word || '0');
      return Array.from({ length: 32 }, (_, bit) => bit)
        .filter(bit => Math.floor(bits / 2 ** bit) % 2 === 1)
        .map(bit => position * 32 + bit);
    }),
  );
}
