// Steps that kill the program under test in the middle of its work, at one moment or at every one, and see whether it recovers.
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod/mini';
import { type HostState, listDeviations, readHostState, restoreHostState } from '../inside/host-state.ts';
import { type Ran, tryProgram } from '../inside/run-program.ts';
import { StepFailure, verb } from './verb.ts';

/** `file`: a file is replaced or removed. `thread`: a thread gets its CPUs. */
const changeValue = z.enum(['file', 'thread']);

const recoveryValue = z.strictObject({ berth: z.string(), leaves: z.enum(['before', 'after']) });
type Recovery = z.infer<typeof recoveryValue>;

export const crashVerbs = {
  /** SIGKILL right before the n-th change of a kind: `killed: apply --yes, at: file 9`. */
  killed: verb(
    z.strictObject({ killed: z.string(), at: z.string().check(z.regex(/^(file|thread) [1-9]\d*$/)) }),
    ({ killed, at }) => {
      const { status, output } = runUntil(killed, at);
      if (status !== null) throw new StepFailure(`berth ${killed} ended with ${status} before ${at}:\n${output}`);
    },
  ),

  /**
   * SIGKILL right before the first change, then right before the second one, and so on until there are no more; each time the host is put
   * right by one of the recoveries in turn. As each step is on record before it is made and after it, these are all the moments that differ.
   * `only`: some of these moments. `leaves`: the host is then as it was `before` the command, or as `after` one that nobody killed.
   * At the end it is as before.
   */
  'kill-at-every': verb(
    z.strictObject({
      'kill-at-every': changeValue,
      of: z.string(),
      only: z.optional(z.array(z.int().check(z.gte(1)))),
      recover: z.array(recoveryValue).check(z.minLength(1)),
    }),
    async ({ 'kill-at-every': kind, of, only, recover }, { log, signal }) => {
      const before = readHostState();
      const { status } = tryProgram(words(of));
      const after = readHostState();
      let kills = 0;
      for (const number of only ?? countFrom(1)) {
        // Otherwise the scenario's time limit would never be looked at.
        await nextTurn();
        if (signal.aborted) return;
        restoreHostState(before);
        const ran = runUntil(of, `${kind} ${number}`);
        if (ran.status !== null) {
          if (number === 1 || only) throw new StepFailure(`berth ${of} ends before ${kind} ${number}`);
          if (ran.status !== status)
            throw new StepFailure(`berth ${of} ended with ${ran.status}, not ${status} as first:\n${ran.output}`);
          break;
        }
        const where = `berth ${of}, killed at ${kind} ${number}`;
        expectWhole(readHostState(), { before, after }, where);
        const recovery = recover[kills++ % recover.length];
        if (recovery !== undefined) recoverBy(recovery, { before, after }, where);
        log(`${where}; then berth ${recovery?.berth}`);
      }
      restoreHostState(before);
    },
  ),
};

interface Ends {
  readonly before: HostState;
  readonly after: HostState;
}

const words = (text: string): readonly string[] => ['node', 'bin/berth', ...text.split(' ')];

const runUntil = (text: string, at: string): Ran => {
  const [node = '', ...rest] = words(text);
  return tryProgram(['env', `DIE_AT_CHANGE=${at}`, node, '--require', './lab/inside/die-at-change.cjs', ...rest]);
};

function* countFrom(first: number): Generator<number> {
  for (let number = first; ; number++) yield number;
}

/** No file is half written, and no thread has CPUs that nobody gave it. */
function expectWhole(now: HostState, { before, after }: Ends, where: string): void {
  for (const [path, content] of now.files) if (path.endsWith('.json')) parseWhole(path, content, where);
  // What was being written lies beside its file until the recovery.
  const files = new Map([...now.files].filter(([path]) => !/\.tmp\.\d+$/.test(path)));
  const deviations = listDeviations(comparable({ ...now, files }), [before, after].map(comparable));
  if (deviations.length > 0) throw new StepFailure(`${where}: ${deviations.join('\n')}`);
}

function parseWhole(path: string, content: string, where: string): void {
  try {
    JSON.parse(content);
  } catch (error) {
    throw new StepFailure(`${where}: ${path}: ${(error as Error).message}`);
  }
}

function recoverBy({ berth, leaves }: Recovery, ends: Ends, killed: string): void {
  const where = `${killed}, then berth ${berth}`;
  const { status, output } = tryProgram(words(berth));
  // Killed before anything was on record, or after all of it.
  const isNothing = status === 1 && output.includes('There is nothing to undo');
  if (status !== 0 && status !== 2 && !isNothing) throw new StepFailure(`${where} ended with ${status}:\n${output}`);
  const now = readHostState();
  const deviations = listDeviations(comparable(now), [comparable(ends[leaves])]);
  if (deviations.length > 0) throw new StepFailure(`${where}: ${deviations.join('\n')}\nIt said:\n${output}`);
  for (const [path, content] of now.files) {
    if (isJournal(path) && JSON.parse(content).state === 'running')
      throw new StepFailure(`${where}: ${path} still says "running"`);
  }
}

const isJournal = (path: string): boolean => /^\/var\/lib\/berth\/journal\/\d+\.json$/.test(path);

/** Without the journal, which tells of every attempt, and without the number of the attempt that a placement comes from. */
const comparable = ({ files, masks }: HostState): HostState => ({
  masks,
  files: new Map(
    [...files]
      .filter(([path]) => !isJournal(path))
      .map(([path, content]) => [path, content.replace(/^ *"appliedBy": "\d+",\n/m, '')]),
  ),
});
