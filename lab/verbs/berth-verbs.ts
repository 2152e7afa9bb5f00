// Steps that run the program under test.
import { spawn } from 'node:child_process';
import * as z from 'zod/mini';
import { tryProgram } from '../inside/run-program.ts';
import { containsJson } from './contains-json.ts';
import { listTexts, textsValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

/** Steps run in the project's root, where npm started the lab. */
const PROGRAM = ['node', 'bin/berth'];
const words = (text: string): readonly string[] => [...PROGRAM, ...text.split(' ')];

export const berthVerbs = {
  /** `berth: verify --json`, its exit code, texts that it says, and what its JSON contains. */
  berth: verb(
    z.strictObject({
      berth: z.string(),
      exit: z.optional(z.int()),
      says: z.optional(textsValue),
      json: z.optional(z.unknown()),
    }),
    ({ berth, exit = 0, says, json }, { log }) => {
      const { status, output, stdout } = tryProgram(words(berth));
      log(`berth ${berth}: ${status}\n${output.trimEnd()}`);
      if (status !== exit) throw new StepFailure(`berth ${berth} ended with ${status}, not ${exit}:\n${output.trim()}`);
      for (const wanted of listTexts(says)) {
        if (!output.includes(wanted))
          throw new StepFailure(`berth ${berth} does not say "${wanted}":\n${output.trim()}`);
      }
      if (json === undefined) return;
      const problem = containsJson(JSON.parse(stdout), json);
      if (problem !== null) throw new StepFailure(`berth ${berth}: ${problem}`);
    },
  ),

  /** Runs them at the same moment; `exits` are their exit codes in any order. */
  race: verb(
    z.strictObject({ race: z.array(z.string()), exits: z.array(z.int()), says: z.optional(textsValue) }),
    async ({ race, exits, says }, { log, signal }) => {
      const ended = await Promise.all(race.map(text => runToEnd(words(text), signal)));
      const output = ended.map(({ output }) => output).join('\n');
      log(output);
      const codes = ended.map(({ code }) => `${code}`).sort();
      if (codes.join() !== exits.map(String).sort().join())
        throw new StepFailure(`They ended with ${codes.join(', ')}:\n${output}`);
      for (const wanted of listTexts(says)) {
        if (!output.includes(wanted)) throw new StepFailure(`None of them says "${wanted}":\n${output}`);
      }
    },
  ),
};

function runToEnd(
  [program = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', code => resolve({ code, output }));
  });
}
