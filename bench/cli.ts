// How long whole `berth` processes take on the demo host, beside a Node that does nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeDemoHost } from '#fixtures/demo-host.ts';
import type { BenchResult } from './bench-report.ts';
import { median } from './median.ts';

const WARM_UPS = 3;
const ROUNDS = 21;
const POLICY = 'guests:\n  101: { class: dedicated }\n  104: { class: dedicated }\n';

interface TimedCommand {
  readonly name: string;
  readonly args: readonly string[];
  /** `berth plan` says with 2 that there is something to change. */
  readonly exitCode: number;
}

/** Rounds are interleaved, so that a busy moment of the machine meets every command alike; medians in ms. */
export function benchCli(): BenchResult {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
  const root = mkdtempSync(join(tmpdir(), 'berth-bench-'));
  try {
    writeDemoHost(root);
    return timeCommands([
      { name: 'nodeFloorMs', args: ['-e', '0'], exitCode: 0 },
      { name: 'versionMs', args: ['bin/berth', '--version'], exitCode: 0 },
      { name: 'inspectMs', args: ['bin/berth', '--root', root, 'inspect'], exitCode: 0 },
      { name: 'planMs', args: ['bin/berth', '--root', root, 'plan'], exitCode: 2 },
    ]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function writeDemoHost(root: string): void {
  for (const [path, text] of [...makeDemoHost(), ['/etc/pve/berth/policy.yaml', POLICY] as const]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, 'latin1');
  }
}

function timeCommands(commands: readonly TimedCommand[]): BenchResult {
  const runs = new Map(commands.map(({ name }) => [name, [] as number[]]));
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (const command of commands) {
      const ms = timeProcess(command);
      if (round >= 0) runs.get(command.name)?.push(ms);
    }
  }
  const cases = [...runs].map(([name, runsMs]) => ({ name, medianMs: median(runsMs), runsMs }));
  return { summary: Object.fromEntries(cases.map(({ name, medianMs }) => [name, medianMs])), cases };
}

/** @throws Error when it did not do its work: the time of a failure is worth nothing. */
function timeProcess({ args, exitCode }: TimedCommand): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ms = performance.now() - began;
  if (status !== exitCode) throw new Error(`node ${args.join(' ')} ended with ${status}, not ${exitCode}: ${stderr}`);
  return Math.round(ms * 10) / 10;
}
