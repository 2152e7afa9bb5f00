// The two kinds of error that are thrown: text that cannot be parsed, and bugs.

/** Where in a text a problem stands; line and column count from 1. */
export interface TextPosition {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Text from outside that does not mean anything. The message names the offending text and what to do about it. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  readonly position: TextPosition;

  constructor(message: string, position: TextPosition = {}, options?: ErrorOptions) {
    super(`${encodePosition(position)}${message}`, options);
    this.position = position;
  }
}

/** `path:3:7: `, as editors understand it; empty when nothing is known. */
function encodePosition({ file, line, column }: TextPosition): string {
  const parts = [file, line, line === undefined ? undefined : column].filter(part => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(':')}: `;
}

/** Stops when something that the code itself guarantees is not so: always a bug, never bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}

export function assertNever(value: never): never {
  throw new Error(`internal error: unexpected ${JSON.stringify(value)}`);
}
