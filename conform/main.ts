// `npm run conform -- [PART…] [--json FILE]`: compares us with independent oracles; exit code 1 on any disagreement.
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCommands } from './commands.ts';
import { runConfigs } from './configs.ts';
import { runCpuset } from './cpuset.ts';
import { runFindings } from './findings.ts';
import { runMemory } from './memory.ts';
import { runPeers } from './peers.ts';
import { runReserve } from './reserve.ts';
import type { ConformResult } from './result.ts';
import { runTexts } from './texts.ts';
import { runTopology } from './topology.ts';

const PARTS: Readonly<Record<string, (corpora: string) => Promise<ConformResult>>> = {
  topology: runTopology,
  texts: runTexts,
  configs: runConfigs,
  cpuset: runCpuset,
  memory: runMemory,
  commands: runCommands,
  findings: runFindings,
  peers: runPeers,
  reserve: runReserve,
};
const MOST_SHOWN = 50;

const corpora = process.env.BERTH_CORPORA ?? '../shared/corpora';
const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const names = positionals.length === 0 ? Object.keys(PARTS) : positionals;
const unknown = names.filter(name => !(name in PARTS));

if (unknown.length > 0) fail(`Unknown part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`);
else if (existsSync(corpora)) await compareAll();
else if (process.env.CI === 'true') fail(`The corpora are not in ${corpora}; BERTH_CORPORA says where they are.`);
else console.log(`SKIPPED ${names.join(', ')}: the corpora are not in ${corpora}; BERTH_CORPORA says where they are.`);

async function compareAll(): Promise<void> {
  const results: ConformResult[] = [];
  for (const name of names) {
    const result = await PARTS[name]?.(corpora);
    if (result === undefined) continue;
    printResult(result);
    results.push(result);
  }
  if (values.json !== undefined) writeFileSync(values.json, encodeResults(results));
  if (results.some(({ disagreements }) => disagreements.length > 0)) process.exitCode = 1;
}

function printResult({ part, agree, total, exceptions, disagreements }: ConformResult): void {
  console.log(`${part}: ${agree}/${total}, ${exceptions.length} exceptions`);
  for (const found of disagreements.slice(0, MOST_SHOWN)) console.log(`  ${found.case}: ${found.detail}`);
  const more = disagreements.length - MOST_SHOWN;
  if (more > 0) console.log(`  … and ${more} more`);
}

/** One object, or an array when several parts ran. */
function encodeResults(results: readonly ConformResult[]): string {
  const published = results.map(({ part, agree, total, exceptions }) => ({ part, agree, total, exceptions }));
  return `${JSON.stringify(published.length === 1 ? published[0] : published, null, 2)}\n`;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
