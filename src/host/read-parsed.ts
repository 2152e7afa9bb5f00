// Reads a file of the host and parses it, so that a text that means nothing is reported with its path.
import { ParseError } from '#domain/errors.ts';
import type { TextTree } from '#domain/text-tree.ts';

/** Null when there is no such file. @throws ParseError beginning with the path. */
export function readParsed<Value>(host: TextTree, path: string, parse: (text: string) => Value): Value | null {
  const text = host.read(path);
  if (text === null) return null;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new ParseError(error.message, { ...error.position, file: path }, { cause: error });
  }
}
