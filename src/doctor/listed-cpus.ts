// A CPU list or mask of the kernel's, where one that cannot be read counts for nothing.
import { ParseError } from '#domain/errors.ts';
import { parseCpuList, parseCpuMask } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { SourceText } from '#domain/text-tree.ts';

/** Null when the text is no such list: a rule then says nothing. */
export const listedCpus = (source: SourceText): CpuSet | null => readCpus(source, parseCpuList);

/** As `listedCpus`, of a file with a mask: `ffff,00000000`. */
export const maskedCpus = (source: SourceText): CpuSet | null => readCpus(source, parseCpuMask);

function readCpus({ text }: SourceText, parse: (text: string) => CpuSet): CpuSet | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}
