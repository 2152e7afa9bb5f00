// `npm run bench -- NAME [--json FILE] [--quick] [--shard N/OF] [--from FILE…]`: measures, prints the summary, and writes everything to the file.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchOptions, type BenchResult, encodeBenchReport } from './bench-report.ts';
import { benchCli } from './cli.ts';
import { benchInspect } from './inspect.ts';
import { benchInterleavings } from './interleavings.ts';
import { benchLatency } from './latency/latency.ts';
import { benchStats } from './latency/stats.ts';
import { benchLayers } from './layers.ts';
import { benchPlan } from './plan/bench-plan.ts';
import { benchRuntime } from './runtime.ts';
import { parseShard } from './shard.ts';

const BENCHES: Readonly<Record<string, (options: BenchOptions) => BenchResult | Promise<BenchResult>>> = {
  cli: benchCli,
  inspect: benchInspect,
  interleavings: benchInterleavings,
  latency: benchLatency,
  layers: benchLayers,
  plan: benchPlan,
  runtime: benchRuntime,
  stats: benchStats,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    shard: { type: 'string' },
    from: { type: 'string', multiple: true, default: [] },
  },
});
const [name = ''] = positionals;
const bench = BENCHES[name];

if (bench === undefined) {
  console.error(
    `Usage: npm run bench -- NAME [--json FILE] [--quick] [--shard N/OF] [--from FILE…], where NAME is one of ${Object.keys(BENCHES).join(', ')}`,
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
  const shard = values.shard === undefined ? null : parseShard(values.shard);
  const known = values.from.flatMap(file => JSON.parse(readFileSync(file, 'utf8')).cases as readonly unknown[]);
  const result = await bench({ quick: values.quick, shard, known, keep, stop: stopping.signal });
  for (const [key, value] of Object.entries(result.summary)) console.log(`${key.padEnd(20)} ${value}`);
  keep(result);
}
