// `npm run bench -- latency`: what placements do to the delays of a vCPU on a loaded host, in the lab, and to timers in a real guest of this machine.
import { execFileSync } from 'node:child_process';
import type { BenchOptions, BenchResult } from '../bench-report.ts';
import { inShard } from '../shard.ts';
import type { LabBlock, LabOrder, LabPart } from './lab-blocks.ts';
import { type GuestOrder, measureInGuest } from './measure-in-guest.ts';
import { measureInLab } from './measure-in-lab.ts';
import { summarizeLatency } from './summarize-latency.ts';

const LAB_ORDERS: readonly { readonly full: LabOrder; readonly quick: LabOrder }[] = [
  {
    full: { part: 'placements', rounds: 4, secondsPerBlock: 6 },
    quick: { part: 'placements', rounds: 1, secondsPerBlock: 2 },
  },
  {
    full: { part: 'boot', rounds: 4, secondsPerBlock: 6 },
    quick: { part: 'boot', rounds: 1, secondsPerBlock: 2 },
  },
  {
    full: { part: 'limit', rounds: 20, secondsPerBlock: 2 },
    quick: { part: 'limit', rounds: 3, secondsPerBlock: 1 },
  },
];
const GUEST_ORDERS: { readonly full: GuestOrder; readonly quick: GuestOrder } = {
  full: { rounds: 6, secondsPerBlock: 8 },
  quick: { rounds: 1, secondsPerBlock: 2 },
};
const PARTS: readonly (LabPart | 'guest')[] = ['placements', 'boot', 'limit', 'guest'];

/** A case of a report: what was measured, from which everything else can be made again. */
interface MeasuredCase {
  readonly blocks?: readonly LabBlock[];
  readonly measurement?: unknown;
}

/** Each shard of four is a boot of its own. */
export async function benchLatency({ quick, shard, known, keep, stop }: BenchOptions): Promise<BenchResult> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
  const size = quick ? 'quick' : 'full';
  const before = known as readonly MeasuredCase[];
  const blocks = before.flatMap(one => one.blocks ?? []);
  let measurement = before.find(one => one.measurement !== undefined)?.measurement ?? null;
  let pictures: ReadonlyMap<string, string> = new Map();
  const result = (): BenchResult => ({ ...summarizeLatency(blocks, measurement), pictures });
  for (const part of PARTS.filter(shard === null ? () => true : inShard(shard))) {
    if (stop.aborted) break;
    const order = LAB_ORDERS.find(({ full }) => full.part === part)?.[size];
    if (order !== undefined) blocks.push(...(await measureInLab(order, stop)));
    else {
      const measured = await measureInGuest(GUEST_ORDERS[size]);
      measurement = JSON.parse(measured.measurement);
      pictures = measured.pictures;
    }
    keep(result());
  }
  return result();
}
