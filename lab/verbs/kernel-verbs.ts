// Steps that write to, read from and run programs on the lab host.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { tryProgram } from '../inside/run-program.ts';
import { listTexts, textsValue, within } from './values.ts';
import { StepFailure, verb } from './verb.ts';

const text = z.union([z.string(), z.number()]);

export const kernelVerbs = {
  /** As `echo VALUE > FILE`; `refused` names the error that the kernel must answer with, such as EINVAL. */
  write: verb(
    z.strictObject({ write: z.string(), value: text, refused: z.optional(z.string()) }),
    ({ write, value, refused }, { log }) => {
      const code = writeAndName(write, `${value}`);
      log(`${value} > ${write}${code === null ? '' : `: ${code}`}`);
      if (code !== (refused ?? null)) {
        throw new StepFailure(
          `Writing ${value} to ${write}: expected ${refused ?? 'no error'}, got ${code ?? 'no error'}`,
        );
      }
    },
  ),

  read: verb(
    z.strictObject({ read: z.string(), is: z.optional(text), contains: z.optional(textsValue), within }),
    async ({ read, is, contains, within: seconds = 0 }) => {
      const end = performance.now() + seconds * 1000;
      for (;;) {
        const content = existsSync(read) ? readFileSync(read, 'latin1').trim() : null;
        const problem = judgeContent(content, is, listTexts(contains));
        if (problem === null) return;
        if (performance.now() > end) throw new StepFailure(`${read}: ${problem}`);
        await sleep(50);
      }
    },
  ),

  missing: verb(z.strictObject({ missing: z.string() }), ({ missing }) => {
    if (existsSync(missing)) throw new StepFailure(`${missing} exists`);
  }),

  /** A program with its arguments, words split at blanks. */
  run: verb(
    z.strictObject({ run: z.string(), exit: z.optional(z.int()), says: z.optional(textsValue) }),
    ({ run, exit = 0, says }, { log }) => {
      const { status, output } = tryProgram(run.split(' '));
      log(`${run}: ${status}\n${output.trimEnd()}`);
      if (status !== exit) throw new StepFailure(`${run} ended with ${status}, not ${exit}: ${output.trim()}`);
      for (const wanted of listTexts(says)) {
        if (!output.includes(wanted)) throw new StepFailure(`${run} does not say "${wanted}": ${output.trim()}`);
      }
    },
  ),

  wait: verb(z.strictObject({ wait: z.number() }), ({ wait }) => sleep(wait * 1000)),
};

function writeAndName(file: string, value: string): string | null {
  try {
    writeFileSync(file, value);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'an unknown error';
  }
}

function judgeContent(
  content: string | null,
  is: string | number | undefined,
  contains: readonly string[],
): string | null {
  if (content === null) return 'does not exist';
  if (is !== undefined && content !== `${is}`) return `expected "${is}", got "${content}"`;
  const absent = contains.find(wanted => !content.includes(wanted));
  return absent === undefined ? null : `"${absent}" is not in "${content}"`;
}
