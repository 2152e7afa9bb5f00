// What to print when a command could not do its work.
import { ParseError } from '#domain/errors.ts';
import { HostError } from '#host/host-error.ts';
import { printableLines } from '#report/printable.ts';

/** Expected failures say what failed, where and why; anything else is a bug, with its stack. */
export function describeFailure(error: unknown): string {
  if (error instanceof ParseError || error instanceof HostError) return printableLines(error.message);
  return error instanceof Error ? `${error.stack ?? error.message}\nThis is a bug in berth.` : String(error);
}
