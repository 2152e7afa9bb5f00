// Random lives of a node in memory, agents killed at any write among them: how many do not end as they must.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInterleaving } from '#fixtures/interleavings/run-interleaving.ts';
import type { BenchOptions, BenchResult } from './bench-report.ts';

const LIVES = 12_000;
const QUICK_LIVES = 1_000;

/** Seeds from 0 on: the same lives in every run. Cases are those that ended wrong. */
export async function benchInterleavings({ quick, stop }: BenchOptions): Promise<BenchResult> {
  const root = mkdtempSync(join(tmpdir(), 'berth-interleavings-'));
  mkdirSync(`${root}/run/berth`, { recursive: true });
  const cases: { seed: number; wrong: readonly string[]; leaked: readonly string[]; events: readonly string[] }[] = [];
  const [most, began] = [quick ? QUICK_LIVES : LIVES, performance.now()];
  let lives = 0;
  let events = 0;
  try {
    for (; lives < most && !stop.aborted; lives++) {
      const life = await runInterleaving(lives, root);
      events += life.events.length;
      if (life.wrong.length + life.leaked.length > 0) cases.push({ seed: lives, ...life });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const summary = {
    interleavings: lives,
    interleavedEvents: events,
    wrongEndStates: cases.filter(({ wrong }) => wrong.length > 0).length,
    leakedPartitions: cases.filter(({ leaked }) => leaked.length > 0).length,
    interleavingsS: Math.round((performance.now() - began) / 1000),
  };
  return { summary, cases };
}
