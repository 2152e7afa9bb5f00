// Breaks a row of pieces into lines that fit, without breaking a piece.
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';

/** `text` is what is shown, `length` how many columns it takes: colour codes take none. */
export interface Piece {
  readonly text: string;
  readonly length: number;
}

export const plainPiece = (text: string): Piece => ({ text, length: text.length });

export interface FlowOptions {
  readonly width: number;
  readonly separator: string;
}

/** A piece longer than a line gets a line of its own. */
export function flowWords(pieces: readonly Piece[], { width, separator }: FlowOptions): readonly string[] {
  const lines: Piece[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last && last.length + separator.length + piece.length <= width) {
      const text = last.text + separator + piece.text;
      lines[lines.length - 1] = { text, length: last.length + separator.length + piece.length };
    } else {
      lines.push(piece);
    }
  }
  return lines.map(line => line.text);
}

/** A cpulist on as many lines as it needs, broken behind commas: machines with interleaved numbers have very long ones. */
export function flowCpuList(cpus: CpuSet, width: number): readonly string[] {
  const entries = encodeIdList(cpus).replaceAll(',', ', ').split(' ');
  return flowWords(entries.map(plainPiece), { width, separator: '' });
}
