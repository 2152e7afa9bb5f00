// Boots a host for scenarios that can share it, follows their results, and accounts for those that never came.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootLabHost, type LabOutcome, MOST_BOOTS } from '../host/boot.ts';
import { bundleInside } from '../host/bundle-inside.ts';
import { isEmulatorFault } from '../host/console.ts';
import { findKernel } from '../host/kernels.ts';
import { makePayloadImage } from '../host/payload-image.ts';
import type { Progress } from '../host/progress.ts';
import { findLabShape } from '../host/shapes.ts';
import { quoteArguments } from '../host/shell-quote.ts';
import { findUserland, USERLAND_NODE } from '../host/userlands.ts';
import type { Batch, RunResult, ScenarioRun } from './run.ts';

export interface BatchOptions {
  readonly signal: AbortSignal;
  readonly onResult: (result: RunResult) => void;
  /** Directory for the console log of a boot that failed. */
  readonly logs: string;
  readonly progress: Progress;
  /** Its own among the batches that run at once. */
  readonly lane: number;
}

const BOOT_LIMIT_S = 180;

export async function runBatch(batch: Batch, options: BatchOptions): Promise<readonly RunResult[]> {
  const results: RunResult[] = [];
  for (let boot = 1; ; boot++) {
    const left = { ...batch, runs: batch.runs.slice(results.length) };
    const { outcome, results: done } = await bootBatch(left, options);
    results.push(...done);
    if (options.signal.aborted) return results;
    if (results.length === batch.runs.length && results.every(({ passed }) => passed)) return results;
    const again = results.length < batch.runs.length && boot < MOST_BOOTS && isEmulatorFault(outcome.consoleLog);
    if (!again) return [...results, ...finish(batch, results, outcome, options)];
    console.log('  the emulator failed while the kernel patched itself (Oops: int3): booting again for what is left');
  }
}

/** Boots once and runs what it can. */
async function bootBatch(
  { shape: name, kernel: series, boot, userland, runs }: Batch,
  { signal, onResult, progress, lane }: BatchOptions,
): Promise<{ readonly outcome: LabOutcome; readonly results: readonly RunResult[] }> {
  const shape = findLabShape(name);
  const tell = (what: string) => progress.tell(what, lane);
  const kernel = findKernel(series, tell);
  const host = `${name}${boot === '' ? '' : ` with ${boot}`}, kernel ${kernel.release}, ${runs.length} runs`;
  const root = userland === null ? null : findUserland(userland, tell);
  const node = root === null ? 'node' : join(process.cwd(), USERLAND_NODE);
  if (root !== null && !existsSync(node)) {
    throw new Error(`${USERLAND_NODE} is not there: npm run package -- --older makes the packages, and installs it`);
  }
  tell(host);
  const results: RunResult[] = [];
  const take = (share: string) => {
    for (const result of readResults(share).slice(results.length)) {
      results.push(result);
      progress.clear();
      onResult(result);
    }
  };
  const outcome = await bootLabHost({
    ...{ shape, kernel, init: 'systemd', parameters: boot, console: 'file', signal },
    ...(root === null ? {} : { root }),
    timeLimitS: BOOT_LIMIT_S + runs.reduce((sum, { scenario }) => sum + scenario.timeLimitS, 0),
    job: `cd ${quoteArguments([process.cwd()])}\n${quoteArguments([node, '/lab/inside.cjs'])}`,
    files: {
      'inside.cjs': await bundleInside(),
      'payload.bin': await makePayloadImage(),
      'runs.json': JSON.stringify(runs.map(describeRun)),
    },
    onStage: stage => tell(`${host}: ${stage}`),
    onTick: take,
  }).finally(() => tell(''));
  return { outcome, results };
}

/** Results for the runs that never came, and the console for whoever looks into it. */
function finish(
  { shape, boot, runs, ...batch }: Batch,
  results: readonly RunResult[],
  outcome: LabOutcome,
  { onResult, logs }: BatchOptions,
): readonly RunResult[] {
  const never = runs.slice(results.length).map(run => makeMissing(run, outcome));
  for (const result of never) onResult(result);
  // Another part of the same batch may fail beside it.
  const first = runs[0]?.scenario.name ?? '';
  const host = [shape, nameHost(batch), ...boot.split(/[^\w.-]+/), first].filter(word => word !== '').join('-');
  keepConsole(join(logs, `console-${host}.log`), outcome);
  return never;
}

/** Where a run was, for people: `6.12`, `6.12-trixie`. */
const nameHost = ({ kernel, userland }: Pick<ScenarioRun, 'kernel' | 'userland'>): string =>
  [kernel, ...(userland === null ? [] : [userland])].join('-');

const describeRun = ({ scenario, sabotage, ...run }: ScenarioRun) => ({
  name: scenario.name,
  kernel: nameHost(run),
  sabotage,
  offline: findLabShape(scenario.shape).offline ?? [],
});

/** Whole lines only: the last one may still be written. */
function readResults(share: string): readonly RunResult[] {
  const file = join(share, 'results');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as RunResult);
}

function makeMissing(
  { scenario, sabotage, ...run }: ScenarioRun,
  { failure, exitCode, output }: LabOutcome,
): RunResult {
  const why = failure ?? `The program inside ended with ${exitCode}: ${output.trim()}`;
  return {
    name: scenario.name,
    kernel: nameHost(run),
    sabotage: sabotage === null ? null : (scenario.sabotage[sabotage]?.what ?? null),
    passed: false,
    problem: `It was not run to its end. ${why}`,
    noticed: null,
    seconds: 0,
    log: [],
    leftovers: [],
  };
}

function keepConsole(file: string, { consoleLog, output }: LabOutcome): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${consoleLog}\n--- the job's output\n${output}\n`);
  console.log(`  the console: ${file}`);
}
