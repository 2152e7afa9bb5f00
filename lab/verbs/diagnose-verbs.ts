// Expectations about `berth diagnose`: its verdict, and its numbers against the kernel's trace of context switches and numastat.
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { readPid } from '../guest/start-guest.ts';
import { runProgram, tryProgram } from '../inside/run-program.ts';
import { containsJson } from './contains-json.ts';
import { accountThread, BEGIN, END, type TracedTimes } from './sched-trace.ts';
import { queryVcpus } from './thread-verbs.ts';
import { vmidValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

const TRACING = '/sys/kernel/tracing';
const DEFAULT_SECONDS = 4;

/** Berth looks at the counters a moment before it ends, and everything here is emulated. */
const SHARES_APART = 0.05;
/** numastat counts QEMU's program and libraries as well, which are no memory of the guest. */
const PROGRAM_MIB = 40;

/** From Berth's last look to the end of the trace: the one is not the other, but as long as this it is the same guest in the same straits. */
const AFTERWARDS_S = 1;

interface Diagnosed {
  readonly measure: {
    readonly waitShare: number;
    readonly memory: { readonly residentMiB: Readonly<Record<string, number>> } | null;
  };
  readonly verdicts: readonly { readonly kind: string }[];
}

const diagnosedStep = z.strictObject({
  diagnosed: vmidValue,
  seconds: z.optional(z.int()),
  exit: z.int(),
  worst: z.string(),
  waits: z.strictObject({ atLeast: z.optional(z.number()), atMost: z.optional(z.number()) }),
  json: z.optional(z.unknown()),
});

type Log = (line: string) => void;

/** A machine outside that is busy stalls this host for seconds: a kernel thread then seems to have run as long, and QEMU does not answer in time. */
const ATTEMPTS = 3;

export const diagnoseVerbs = {
  /** One guest of one vCPU is watched; `json` is what the answer for it must contain, `waits` the range of its wait share. */
  diagnosed: verb(diagnosedStep, async (step, { log }) => {
    const tid = (await queryVcpus(step.diagnosed)).get(0);
    if (tid === undefined) throw new StepFailure(`Guest ${step.diagnosed} has no vCPU 0`);
    for (let attempt = 1; ; attempt++) {
      try {
        return diagnoseOnce(step, tid, log);
      } catch (error) {
        if (!(error instanceof StepFailure) || attempt === ATTEMPTS) throw error;
        log(`attempt ${attempt}: ${error.message}`);
      }
    }
  }),
};

function diagnoseOnce(step: z.infer<typeof diagnosedStep>, tid: number, log: Log): void {
  const { diagnosed: vmid, seconds = DEFAULT_SECONDS, exit, worst, waits, json } = step;
  const command = ['node', 'bin/berth', '--json', 'diagnose', `${vmid}`, '--seconds', `${seconds}`];
  const { ran, trace } = traceThread(tid, () => tryProgram(command));
  log(ran.output.trimEnd());
  if (ran.stdout === '') throw new StepFailure(`berth diagnose ended with ${ran.status}: ${ran.output.trim()}`);
  const report = JSON.parse(ran.stdout) as { seconds: number; guests: readonly Diagnosed[] };
  const [guest] = report.guests;
  if (guest === undefined) throw new StepFailure(`berth diagnose says nothing of guest ${vmid}`);
  const kinds = guest.verdicts?.map(({ kind }) => kind) ?? [];
  if (kinds[0] !== worst) throw new StepFailure(`Expected ${worst} of guest ${vmid} first; found ${kinds.join(', ')}`);
  if (ran.status !== exit) throw new StepFailure(`berth diagnose ended with ${ran.status}, not ${exit}`);
  const problem = json === undefined ? null : containsJson(guest, json);
  if (problem !== null) throw new StepFailure(`Guest ${vmid}: ${problem}`);
  expectWaits(guest.measure.waitShare, accountThread(trace, tid, report.seconds + AFTERWARDS_S), waits, log);
  expectPages(vmid, guest, log);
}

/** The events are on since the kernel booted: to switch them on under way would patch the scheduler while it runs. */
function traceThread<Result>(tid: number, run: () => Result): { readonly ran: Result; readonly trace: string } {
  const write = (file: string, text: string) => writeFileSync(`${TRACING}/${file}`, text);
  const events = [
    ['sched_switch', `prev_pid==${tid} || next_pid==${tid}`],
    ['sched_wakeup', `pid==${tid}`],
  ] as const;
  write('trace_clock', 'mono');
  write('trace', '');
  for (const [name, filter] of events) write(`events/sched/${name}/filter`, filter);
  write('tracing_on', '1');
  try {
    write('trace_marker', BEGIN);
    const ran = run();
    write('trace_marker', END);
    return { ran, trace: readFileSync(`${TRACING}/trace`, 'latin1') };
  } finally {
    write('tracing_on', '0');
    for (const [name] of events) write(`events/sched/${name}/filter`, '0');
    write('trace', '');
  }
}

function expectWaits(
  said: number,
  { runS, waitS }: TracedTimes,
  { atLeast = 0, atMost = 1 }: { readonly atLeast?: number | undefined; readonly atMost?: number | undefined },
  log: Log,
): void {
  const traced = waitS / (runS + waitS);
  const both = `berth says it waits ${said.toFixed(3)}, the trace ${traced.toFixed(3)} (${waitS.toFixed(2)} of ${(runS + waitS).toFixed(2)} s)`;
  log(both);
  if (!(Math.abs(said - traced) <= SHARES_APART)) throw new StepFailure(`They do not agree: ${both}`);
  if (said < atLeast || said > atMost) throw new StepFailure(`Expected it to wait ${atLeast} to ${atMost}: ${both}`);
}

/** The last line of `numastat -p` is `Total  12.34  130.20  142.54`, MiB by node and in all. */
function expectPages(vmid: number, { measure }: Diagnosed, log: Log): void {
  const output = runProgram(['numastat', '-p', `${readPid(vmid)}`]);
  const nodes = [...(/^\s+Node 0.*$/m.exec(output)?.[0] ?? '').matchAll(/Node (\d+)/g)].map(([, node = '']) => node);
  const totals = /^Total\s+(.*)$/m.exec(output)?.[1]?.trim().split(/\s+/).map(Number) ?? [];
  const said = measure.memory?.residentMiB;
  if (said === undefined) throw new StepFailure(`berth diagnose does not know where the memory of guest ${vmid} is`);
  const rows = nodes.map((node, index) => ({ node, said: said[node] ?? 0, counted: totals[index] ?? 0 }));
  const text = rows.map(row => `node ${row.node}: berth ${row.said} MiB, numastat ${row.counted} MiB`).join('; ');
  log(text);
  const agree = rows.every(row => row.said <= row.counted + 1 && row.counted - row.said <= PROGRAM_MIB);
  if (rows.length === 0 || !agree) throw new StepFailure(`They do not agree: ${text}`);
}
