// Tests of the charts: well-formed, inside their frame, of finite numbers, whatever was measured.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import type { MeasuredPhase } from '#domain/measurement.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { type ShapeName, shapes } from '#fixtures/shapes.ts';
import { encodeHistogram, makeHistogram } from '#latency/histogram.ts';
import { type Chart, renderChartFile } from './chart-frame.ts';
import { decadesAround, makeLinearScale, makeLogScale, makeNinesScale } from './chart-scale.ts';
import { makeHistogramChart } from './histogram-chart.ts';
import { makePercentileChart } from './percentile-chart.ts';
import { makePhaseCurves } from './phase-curves.ts';
import { groupPlacements, makePlacementChart } from './placement-chart.ts';
import { makeRatioChart } from './ratio-chart.ts';
import { makeTimeChart } from './time-chart.ts';

const { blocks, phases, comparison } = sampleMeasurement;

function phaseOf(values: readonly number[]): MeasuredPhase {
  const histogram = makeHistogram();
  for (const value of values) histogram.recordValue(value);
  return { name: 'asFound', seconds: 1, emulator: null, all: encodeHistogram(histogram), vcpus: [] };
}

function expectSound(chart: Chart): void {
  const svg = renderChartFile(chart);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  for (const [, x = '', y = ''] of svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)) {
    expect(Number(x)).toBeGreaterThanOrEqual(0);
    expect(Number(x)).toBeLessThanOrEqual(chart.width);
    expect(Number(y)).toBeGreaterThanOrEqual(0);
    expect(Number(y)).toBeLessThanOrEqual(chart.height);
  }
}

describe.each([340, 780])('at %i pixels', width => {
  it.each([
    ['a usual run', phases],
    ['one event', [phaseOf([5000])]],
    ['events at 0', [phaseOf([0, 0, 0])]],
    ['nanoseconds and minutes', [phaseOf([1, 100_000_000_000])]],
    ['no events', [phaseOf([])]],
    ['no phases', []],
  ])('both distributions of %s are drawn soundly', (_, measured) => {
    const curves = makePhaseCurves(measured);
    expectSound(makeHistogramChart(curves, width));
    expectSound(makePercentileChart(curves, comparison, width));
    expectSound(makePercentileChart(curves, null, width));
  });

  it('time is drawn with intervals, and without', () => {
    expectSound(makeTimeChart(blocks, width));
    expectSound(
      makeTimeChart(
        blocks.map(block => ({ ...block, intervals: [] })),
        width,
      ),
    );
    expectSound(makeTimeChart([], width));
  });

  it('ratios are drawn, however far from 1', () => {
    if (comparison === null) throw new Error('the sample has a comparison');
    const sound = comparison.percentiles;
    const far = sound.map(entry => ({ ...entry, ratio: { value: 40, low: 0, high: 1200 } }));
    for (const percentiles of [sound, far, []]) {
      expectSound(makeRatioChart({ ...comparison, percentiles }, width));
    }
  });

  it.each(Object.keys(shapes) as ShapeName[])('every CPU of %s is drawn', name => {
    const { topology } = makeInventory(shapes[name], []);
    const placement = groupPlacements([
      {
        ...phaseOf([1]),
        vcpus: [
          {
            vcpu: 0,
            cpus: cpuSet(topology.online.ids.slice(0, 1)),
            latency: phaseOf([1]).all,
            migrations: null,
            preemptions: null,
          },
        ],
      },
    ])[0];
    if (placement === undefined) throw new Error('one phase is one placement');
    const chart = makePlacementChart(topology, placement, width);
    expectSound(chart);
    expect(renderChartFile(chart).match(/<title>CPU \d+/g)).toHaveLength(topology.online.size);
  });
});

describe('makePhaseCurves()', () => {
  it('counts every event once', () => {
    const [curve] = makePhaseCurves([phaseOf([900, 1000, 5000, 5001, 99_000])]);
    expect(curve?.steps.reduce((sum, { count }) => sum + count, 0)).toBe(5);
    expect(curve?.steps.map(({ fromUs }) => fromUs.toFixed(2))).toEqual(['0.79', '1.00', '3.98', '79.43']);
  });

  it('agrees with the percentiles of the histogram itself', () => {
    const phase = phaseOf(Array.from({ length: 10_000 }, (_, index) => (index + 1) * 1000));
    const [curve] = makePhaseCurves([phase]);
    for (const [beyond, us] of [
      [0.1, 9000],
      [0.01, 9900],
      [0.001, 9990],
    ] as const) {
      const point = curve?.percentiles.find(candidate => Math.abs(candidate.beyond - beyond) < 1e-9);
      expect(point?.us).toBeGreaterThan(us * 0.998);
      expect(point?.us).toBeLessThan(us * 1.002);
    }
  });
});

describe('groupPlacements()', () => {
  it('puts phases with the same CPUs together, and keeps different ones apart', () => {
    expect(groupPlacements(phases).map(group => group.phases)).toEqual([['asFound', 'asFoundAgain'], ['asPlanned']]);
  });
});

it('no placement is drawn of a run whose CPUs are not known', () => {
  expect(groupPlacements([phaseOf([1])])).toEqual([]);
});

describe('scales', () => {
  const span = { start: 100, end: 200 };

  it('hold whole decades around the values', () => {
    expect(decadesAround([3, 700])).toEqual({ from: 1, to: 1000 });
    expect(decadesAround([1, 1000])).toEqual({ from: 1, to: 1000 });
    expect(decadesAround([10])).toEqual({ from: 10, to: 100 });
    expect(decadesAround([])).toEqual({ from: 1, to: 10 });
  });

  it('place powers of ten at equal distances, and what is outside at the edges', () => {
    const { at, ticks } = makeLogScale({ from: 1, to: 100 }, span, String);
    expect([1, 10, 100, 0, 5000].map(at)).toEqual([100, 150, 200, 100, 200]);
    expect(ticks.filter(({ label }) => label !== '').map(({ value }) => value)).toEqual([1, 10, 100]);
  });

  it('place nines at equal distances', () => {
    const { at, ticks } = makeNinesScale(0.001, span);
    expect([1, 0.001, 0].map(at)).toEqual([100, 200, 200]);
    expect(ticks.map(({ label }) => label)).toEqual(['0', '50', '90', '99', '99.9']);
  });

  it('choose round ticks', () => {
    const { ticks } = makeLinearScale({ from: 0, to: 106 }, span, { wanted: 5, label: String });
    expect(ticks.map(({ value }) => value)).toEqual([0, 50, 100]);
  });
});
