// `npm run bench -- latency`: what placements do to the delays of a vCPU on a loaded host, in the lab.
import type { Estimate } from '#domain/measurement.ts';
import type { BenchOptions, BenchResult } from '../bench-report.ts';
import { inShard } from '../shard.ts';
import { type CaseFigures, compareBlocks } from './compare-blocks.ts';
import type { CaseName, LabBlock, LabOrder, LabPart, Rung } from './lab-blocks.ts';
import { measureInLab } from './measure-in-lab.ts';

/** What docs/isolation.md has for guests that must not be disturbed, where the kernel can; the summary's ratio and strangers are those of this rung. */
const SUMMARY_RUNG: Rung = 'partition';

const ORDERS: Readonly<Record<LabPart, { readonly full: LabOrder; readonly quick: LabOrder }>> = {
  placements: {
    full: { part: 'placements', rounds: 4, secondsPerBlock: 6 },
    quick: { part: 'placements', rounds: 1, secondsPerBlock: 2 },
  },
  limit: {
    full: { part: 'limit', rounds: 20, secondsPerBlock: 2 },
    quick: { part: 'limit', rounds: 3, secondsPerBlock: 1 },
  },
};

/** A part for each shard of two: each is a boot of its own. */
export async function benchLatency({ quick, shard, known, keep, stop }: BenchOptions): Promise<BenchResult> {
  const blocks: LabBlock[] = [
    ...(known as readonly { readonly blocks?: readonly LabBlock[] }[]).flatMap(of => of.blocks ?? []),
  ];
  const result = () => describe(blocks);
  const parts = (Object.keys(ORDERS) as LabPart[]).filter(shard === null ? () => true : inShard(shard));
  for (const part of parts) {
    if (stop.aborted) break;
    blocks.push(...(await measureInLab(ORDERS[part][quick ? 'quick' : 'full'], stop)));
    keep(result());
  }
  return result();
}

function describe(blocks: readonly LabBlock[]): BenchResult {
  const figures = [...compareBlocks('placements', blocks), ...compareBlocks('limit', blocks)];
  const find = (name: CaseName): CaseFigures | undefined =>
    figures.find(figure => figure.case === name && figure.rounds > 0);
  const summary: Record<string, number> = {};
  const put = (name: string, estimate: Estimate | null | undefined) => {
    if (estimate == null) return;
    const { value, low, high } = estimate;
    Object.assign(summary, { [name]: value, [`${name}Low`]: low, [`${name}High`]: high });
  };
  const rung = find(SUMMARY_RUNG);
  // Of placed to unpinned; told the other way round.
  put('runDelayP999Ratio', invert(rung?.p999Ratio));
  if (rung?.foreign != null) summary.foreignTasks = rung.foreign.length;
  put('placedVsBareP999', find('placed')?.p999Ratio);
  put('bareVsBareP999', find('bare-again')?.p999Ratio);
  return { summary, cases: [...figures.filter(({ rounds }) => rounds > 0), { summaryRung: SUMMARY_RUNG }, { blocks }] };
}

const invert = (estimate: Estimate | null | undefined): Estimate | null =>
  estimate == null ? null : { value: 1 / estimate.value, low: 1 / estimate.high, high: 1 / estimate.low };
