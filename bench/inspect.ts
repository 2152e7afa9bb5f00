// How long `berth inspect` takes, as a whole process, on every captured machine and on one of 1,792 CPUs.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseCpuList } from '#domain/id-list.ts';
import { makeShapeTree } from '#fixtures/shape-tree.ts';
import { shapes } from '#fixtures/shapes.ts';
import { visitMachines } from '../conform/unpack-machines.ts';
import type { BenchResult } from './bench-report.ts';

const ROUNDS = 3;
const GENERATED = 'sixteen-sockets';

interface TimedMachine {
  readonly name: string;
  readonly cpus: number;
  /** The median of a few runs. */
  readonly inspectMs: number;
}

/** Without the corpora only the generated machine is timed. */
export function benchInspect(): BenchResult {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
  const generated = timeGenerated();
  const captured: TimedMachine[] = [];
  const corpora = process.env.BERTH_CORPORA ?? '../shared/corpora';
  if (existsSync(corpora)) visitMachines(corpora, ({ name, root }) => captured.push(timeMachine(name, root)));
  const byCpus = captured.toSorted((a, b) => b.cpus - a.cpus);
  const byTime = captured.toSorted((a, b) => b.inspectMs - a.inspectMs);
  const [largest] = byCpus;
  const [slowest] = byTime;
  return {
    summary: {
      generatedCpus: generated.cpus,
      generatedMs: generated.inspectMs,
      ...(largest && { largestCapturedCpus: largest.cpus, largestCapturedMs: largest.inspectMs }),
      ...(slowest && { slowestCapturedMs: slowest.inspectMs }),
    },
    cases: [generated, ...byTime],
  };
}

function timeGenerated(): TimedMachine {
  const root = mkdtempSync(join(tmpdir(), 'berth-bench-'));
  try {
    for (const [path, text] of makeShapeTree(shapes[GENERATED])) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, 'latin1');
    }
    return timeMachine(GENERATED, root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Captured machines have no name of a node, without which there is nothing to inspect. */
function timeMachine(name: string, root: string): TimedMachine {
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/hostname'), 'bench\n');
  const runs = Array.from({ length: ROUNDS }, () => timeInspect(root)).sort((a, b) => a.ms - b.ms);
  const { ms = Number.NaN, online = '' } = runs[Math.floor(ROUNDS / 2)] ?? {};
  return { name, cpus: parseCpuList(online).size, inspectMs: ms };
}

function timeInspect(root: string): { readonly ms: number; readonly online: string } {
  const began = performance.now();
  const args = ['bin/berth', '--root', root, '--json', 'inspect'];
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const ms = Math.round((performance.now() - began) * 10) / 10;
  if (ran.status !== 0) throw new Error(`berth inspect of ${root} ended with ${ran.status}: ${ran.stderr}`);
  return { ms, online: JSON.parse(ran.stdout).topology.online };
}
