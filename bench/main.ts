// `npm run bench -- NAME [--json FILE] [--quick]`: measures, prints the summary, and writes everything to the file.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchOptions, type BenchResult, encodeBenchReport } from './bench-report.ts';
import { benchCli } from './cli.ts';
import { benchInspect } from './inspect.ts';
import { benchInterleavings } from './interleavings.ts';
import { benchStats } from './latency/stats.ts';
import { benchPlan } from './plan/bench-plan.ts';
import { benchRuntime } from './runtime.ts';

const BENCHES: Readonly<Record<string, (options: BenchOptions) => BenchResult | Promise<BenchResult>>> = {
  cli: benchCli,
  inspect: benchInspect,
  interleavings: benchInterleavings,
  plan: benchPlan,
  runtime: benchRuntime,
  stats: benchStats,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const [name = ''] = positionals;
const bench = BENCHES[name];

if (bench === undefined) {
  console.error(
    `Usage: npm run bench -- NAME [--json FILE] [--quick], where NAME is one of ${Object.keys(BENCHES).join(', ')}`,
  );
  process.exitCode = 1;
} else {
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const keep = (result: BenchResult) => {
    if (values.json === undefined) return;
    writeFileSync(values.json, encodeBenchReport(name, result));
    for (const [picture, svg] of result.pictures ?? []) {
      writeFileSync(join(dirname(values.json), `${picture}.svg`), svg);
    }
  };
  const result = await bench({ quick: values.quick, keep, stop: stopping.signal });
  for (const [key, value] of Object.entries(result.summary)) console.log(`${key.padEnd(20)} ${value}`);
  keep(result);
}
