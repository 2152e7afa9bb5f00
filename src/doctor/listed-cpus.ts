// A CPU list of the kernel's, where one that cannot be read counts for nothing.
import { ParseError } from '#domain/errors.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { SourceText } from './doctor-files.ts';

/** Null when the text is no such list: a rule then says nothing. */
export function listedCpus({ text }: SourceText): CpuSet | null {
  try {
    return parseCpuList(text);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}
