// What was measured in the lab and in a guest → the figures of each case, and the summary.
import { measurementJson } from '#contract/measurement.ts';
import { parseJson } from '#contract/read-json.ts';
import type { Estimate } from '#domain/measurement.ts';
import { type CaseFigures, compareBlocks } from './compare-blocks.ts';
import { CASES, type CaseName, type LabBlock, type LabPart, type Rung } from './lab-blocks.ts';

/** The rung for guests that nobody may disturb, where the kernel can (docs/isolation.md): the summary's numbers are those of this one. */
const SUMMARY_RUNG: Rung = 'partition';

export interface LatencyFigures {
  readonly summary: Readonly<Record<string, number>>;
  readonly cases: readonly unknown[];
}

/** @param measurement what `berth bench --json` printed, or null */
export function summarizeLatency(blocks: readonly LabBlock[], measurement: unknown): LatencyFigures {
  const figures = (Object.keys(CASES) as LabPart[])
    .flatMap(part => compareBlocks(part, blocks))
    .filter(({ rounds }) => rounds > 0);
  const find = (name: CaseName): CaseFigures | undefined => figures.find(figure => figure.case === name);
  const rung = find(SUMMARY_RUNG);
  const inside = measurement === null ? null : compareInside(measurement);
  return {
    summary: {
      // Unpinned to placed: how many times longer it waits without.
      ...put('runDelayP999Ratio', invert(rung?.p999Ratio)),
      ...(rung?.foreign == null ? {} : { foreignTasks: rung.foreign.length }),
      ...put('placedVsBareP999', find('placed')?.p999Ratio),
      ...put('bareVsBareP999', find('bare-again')?.p999Ratio),
      ...put('guestP999Ratio', invert(inside)),
    },
    cases: [
      ...figures,
      ...(rung === undefined ? [] : [{ summaryRung: SUMMARY_RUNG }]),
      ...(blocks.length === 0 ? [] : [{ blocks }]),
      ...(measurement === null ? [] : [{ measurement }]),
    ],
  };
}

/** Of p99.9, planned to found. @throws ParseError when it is no measurement */
function compareInside(measurement: unknown): Estimate | null {
  const { comparison } = parseJson(measurementJson, JSON.stringify(measurement), 'the measurement in the guest');
  return comparison?.percentiles.find(({ percentile }) => percentile === 99.9)?.ratio ?? null;
}

function put(name: string, estimate: Estimate | null | undefined): Readonly<Record<string, number>> {
  if (estimate == null) return {};
  return { [name]: estimate.value, [`${name}Low`]: estimate.low, [`${name}High`]: estimate.high };
}

const invert = (estimate: Estimate | null | undefined): Estimate | null =>
  estimate == null ? null : { value: 1 / estimate.value, low: 1 / estimate.high, high: 1 / estimate.low };
