// `npm run bench -- NAME [--json FILE]`: measures, prints the summary, and writes everything to the file.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type BenchResult, encodeBenchReport } from './bench-report.ts';
import { benchCli } from './cli.ts';
import { benchInspect } from './inspect.ts';
import { benchRuntime } from './runtime.ts';

const BENCHES: Readonly<Record<string, () => BenchResult | Promise<BenchResult>>> = {
  cli: benchCli,
  inspect: benchInspect,
  runtime: benchRuntime,
};

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const [name = ''] = positionals;
const bench = BENCHES[name];

if (bench === undefined) {
  console.error(`Usage: npm run bench -- NAME [--json FILE], where NAME is one of ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 1;
} else {
  const result = await bench();
  for (const [key, value] of Object.entries(result.summary)) console.log(`${key.padEnd(20)} ${value}`);
  if (values.json !== undefined) writeFileSync(values.json, encodeBenchReport(name, result));
}
