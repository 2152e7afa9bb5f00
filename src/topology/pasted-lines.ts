// Lines of a pasted text with their numbers, and errors that name them.
import { ParseError } from '#domain/errors.ts';

export interface PastedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Lines that are not blank, without what editors and terminals leave at their ends. */
export function splitLines(text: string): readonly PastedLine[] {
  return text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.trimEnd() }))
    .filter(line => line.text !== '');
}

export function failAt(line: number, reason: string, options?: ErrorOptions): never {
  throw new ParseError(reason, { line }, options);
}

/** Runs a parser of one value, whose errors get the line. */
export function atLine<Value>(line: number, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError) || error.position.line !== undefined) throw error;
    return failAt(line, error.message, { cause: error });
  }
}

const LARGEST_ID = 65_535;

/** @throws ParseError at the line for anything but a plain number that an id can be. */
export function parseId(text: string, line: number, what: string): number {
  if (!/^\d+$/.test(text) || Number(text) > LARGEST_ID) failAt(line, `Expected ${what}, found "${text}"`);
  return Number(text);
}
