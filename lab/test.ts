// `npm run lab:test -- [NAME…] [--sabotage] [--all-kernels | --kernel SERIES] [--at-once N] [--json FILE]`: runs the scenarios in real kernels, a line each.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { explainError } from './explain-error.ts';
import { findKernel } from './host/kernels.ts';
import { startProgress } from './host/progress.ts';
import { readScenarios } from './scenario/read-scenarios.ts';
import { listRuns, makeBatches, type RunResult, splitBatches } from './scenario/run.ts';
import { runBatch } from './scenario/run-batch.ts';

const LOGS = 'reports/lab';

/** Of what a sabotaged scenario said; the whole is in its log. */
const MOST_SAID = 200;

const USAGE = `npm run lab:test -- [NAME…] [OPTION…]

Runs scenarios, directories below lab/scenarios, each in a real kernel on an invented host: those named, or all but the
ones with \`gate: full\`, which an option that asks for more than the ordinary run brings in.
Each leaves its steps in ${LOGS}, and the console if it failed. Exit code 1 when any has failed.

  --sabotage      each scenario with a wrong expectation or a broken step instead, which it has to notice
  --all-kernels   on every kernel that a scenario lists, not the first alone
  --kernel SERIES on this kernel alone, such as 6.1, where a scenario lists it
  --at-once N     boots at a time, one if left out; two keep two CPUs busy
  --json FILE     the numbers
  --help          this`;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      sabotage: { type: 'boolean', default: false },
      'all-kernels': { type: 'boolean', default: false },
      kernel: { type: 'string' },
      'at-once': { type: 'string', default: '1' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const began = performance.now();
  const { sabotage, kernel: only, 'at-once': atOnceText } = values;
  if (!/^[1-9]$/.test(atOnceText)) throw new Error(`--at-once is from 1 to 9, not "${atOnceText}"`);
  const atOnce = Number(atOnceText);
  const isOrdinary = positionals.length === 0 && !sabotage && !values['all-kernels'] && only === undefined;
  const scenarios = readScenarios(positionals).filter(({ onlyInFull }) => !(isOrdinary && onlyInFull));
  const kernels = only === undefined ? (values['all-kernels'] ? 'all' : 'first') : { only };
  const batches = splitBatches(makeBatches(listRuns(scenarios, { sabotage, kernels })), atOnce);
  if (batches.length === 0) throw new Error(`None of these scenarios lists the kernel ${only}`);
  // Downloads come before the first boot, and so does the word that there is no such kernel.
  for (const series of new Set(batches.map(({ kernel }) => kernel))) findKernel(series, console.error);
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupted.abort());
  const results: RunResult[] = [];
  const progress = startProgress();
  const waiting = [...batches];
  let boots = 0;
  const followLane = async (_: unknown, lane: number) => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      if (interrupted.signal.aborted) return;
      boots++;
      const options = { signal: interrupted.signal, onResult: printResult, logs: LOGS, progress, lane };
      results.push(...(await runBatch(batch, options)));
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, followLane));
  } catch (error) {
    // Where one lane cannot go on, neither do the others.
    interrupted.abort();
    throw error;
  } finally {
    progress.end();
  }
  const failed = results.filter(({ passed }) => !passed).length;
  const passed = results.length - failed;
  const wallS = Math.round((performance.now() - began) / 100) / 10;
  const leftovers = results.reduce((sum, result) => sum + result.leftovers.length, 0);
  if (values.json !== undefined) {
    const runs = results.map(({ log, ...run }) => run);
    const report = { scenarios: results.length, passed, failed, leftovers, wallS, runs };
    writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  const { aborted } = interrupted.signal;
  console.log(`lab: ${passed} passed, ${failed} failed, ${boots} boots, ${wallS} s${aborted ? ', interrupted' : ''}`);
  return failed === 0 && !aborted ? 0 : 1;
}

function printResult(result: RunResult): void {
  const { name, kernel, sabotage, passed, problem, noticed, seconds, log } = result;
  const title = sabotage === null ? name : `${name}: ${sabotage}`;
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${title} (${kernel}, ${seconds.toFixed(1)} s)`);
  const said = passed ? noticed?.split('\n', 1)[0]?.slice(0, MOST_SAID) : problem;
  if (said != null) console.log(`  ${said.replaceAll('\n', '\n  ')}`);
  mkdirSync(LOGS, { recursive: true });
  const file = `${LOGS}/${[name, kernel, ...(sabotage?.match(/\w+/g) ?? [])].join('-')}.log`;
  writeFileSync(file, `${log.join('\n')}\n`);
  if (!passed) console.log(`  its log: ${file}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(explainError(error, 'npm run lab:test -- --help'));
  process.exitCode = 1;
}
