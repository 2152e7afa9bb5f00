// What every command gets: the host, how to print, and whether somebody is there to ask.
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { makePaint, type Paint } from '#report/paint.ts';
import { openQuestions } from './questions.ts';

export interface GlobalOptions {
  readonly root: string;
  readonly json?: boolean;
}

export interface CommandContext {
  readonly host: Host;
  readonly json: boolean;
  readonly paint: Paint;
  readonly color: boolean;
  /** Columns of the terminal; 100 when the output goes elsewhere. */
  readonly width: number;
  print(text: string): void;
  /** For people, beside the output. */
  tell(text: string): void;
  now(): Date;
}

/** 0 true or nothing to do, 1 could not, 2 changes, drift, findings or a restart pending. */
export type ExitCode = 0 | 1 | 2;

export function makeContext({ root, json = false }: GlobalOptions): CommandContext {
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return {
    host: openHost(root),
    json,
    color,
    paint: makePaint(color),
    width: process.stdout.columns ?? 100,
    print: text => void process.stdout.write(text),
    tell: text => void process.stderr.write(text),
    now: () => new Date(),
  };
}

/** True after a typed yes; false after anything else, Ctrl-C too, and without a terminal. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const questions = openQuestions();
  try {
    return /^y(es)?$/i.test((await questions.ask(`${question} [y/N] `))?.trim() ?? '');
  } finally {
    questions.close();
  }
}
