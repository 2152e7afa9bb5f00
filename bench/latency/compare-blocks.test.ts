// What figures say of blocks whose delays are known.
import { describe, expect, it } from 'vitest';
import { encodeHistogram, makeHistogram } from '#latency/histogram.ts';
import { type CaseFigures, compareBlocks } from './compare-blocks.ts';
import { CASES, type CaseName, type LabBlock } from './lab-blocks.ts';

/** A thousand delays from `us` up to twice that. */
function makeBlock(name: CaseName, round: number, us: number, more: Partial<LabBlock> = {}): LabBlock {
  const histogram = makeHistogram();
  for (let index = 0; index < 1000; index++) histogram.recordValue(Math.round(us * 1000 * (1 + index / 1000)));
  return {
    ...{ part: 'limit', case: name, round, seconds: 2, hdr: encodeHistogram(histogram).hdr, lost: 0 },
    ...{ preemptions: 1, migrations: 2, cpus: '1', foreign: [] },
    ...more,
  };
}

/** As many as are named, in rounds of three. */
const makeRounds = (delays: readonly (readonly [number, number, number])[]): readonly LabBlock[] =>
  delays.flatMap((round, index) => CASES.limit.map((name, at) => makeBlock(name, index + 1, round[at] ?? 0)));

function figuresOf(name: CaseName, blocks: readonly LabBlock[]): CaseFigures {
  const found = compareBlocks('limit', blocks).find(figures => figures.case === name);
  if (found === undefined) throw new Error(`no figures of ${name}`);
  return found;
}

describe('compareBlocks()', () => {
  it('sets a case against the mean of both ends of its round, and the last block against the first', () => {
    const blocks = makeRounds([
      [100, 300, 100],
      [50, 200, 200],
      [400, 300, 25],
    ]);
    expect(figuresOf('placed', blocks).p999Ratio?.value).toBeCloseTo((3 * 2 * 3) ** (1 / 3), 2);
    expect(figuresOf('bare-again', blocks).p999Ratio?.value).toBeCloseTo((1 * 4 * (1 / 16)) ** (1 / 3), 2);
    expect(figuresOf('bare', blocks).p999Ratio).toBeNull();
  });

  it('has an interval as wide as the rounds differ', () => {
    const same = figuresOf('placed', makeRounds(Array.from({ length: 5 }, () => [100, 200, 100] as const)));
    expect(same.p999Ratio?.low).toBeCloseTo(2, 2);
    expect(same.p999Ratio?.high).toBeCloseTo(2, 2);
    const other = figuresOf('placed', makeRounds([1, 2, 4, 2, 1].map(times => [100, 100 * times, 100] as const)));
    expect(other.p99Ratio?.low).toBeLessThan(1.4);
    expect(other.p99Ratio?.high).toBeGreaterThan(2.2);
  });

  it('adds up all rounds', () => {
    const blocks = makeRounds(Array.from({ length: 3 }, () => [100, 200, 100] as const));
    const placed = figuresOf('placed', blocks);
    expect(placed).toMatchObject({ rounds: 3, seconds: 6, events: 3000, preemptions: 3, migrations: 6, lost: 0 });
    expect(placed.p50Us).toBeCloseTo(300, -1);
    expect(placed.maxUs).toBeGreaterThan(399);
  });

  it('leaves out a round that was broken off, and blocks of the other part', () => {
    const blocks = makeRounds(Array.from({ length: 4 }, () => [100, 200, 100] as const)).slice(0, -1);
    const strangers = CASES.placements.map(name => makeBlock(name, 1, 9000, { part: 'placements' }));
    expect(figuresOf('bare', [...blocks, ...strangers])).toMatchObject({ rounds: 3, events: 3000 });
  });

  it('says nothing of ratios with fewer than three rounds', () => {
    const blocks = makeRounds(Array.from({ length: 2 }, () => [100, 200, 100] as const));
    expect(figuresOf('placed', blocks)).toMatchObject({ rounds: 2, p99Ratio: null, p999Ratio: null });
  });

  it('names each stranger once, and none where there is no CPU of its own', () => {
    const foreign = [['sh'], ['kworker/u4:1', 'sh'], []];
    const blocks = foreign.flatMap((names, index) => [
      makeBlock('bare', index + 1, 100),
      makeBlock('placed', index + 1, 100, { foreign: names }),
      makeBlock('bare-again', index + 1, 100, { foreign: null }),
    ]);
    expect(figuresOf('placed', blocks).foreign).toEqual(['kworker/u4:1', 'sh']);
    expect(figuresOf('bare', blocks).foreign).toEqual([]);
    expect(figuresOf('bare-again', blocks).foreign).toBeNull();
  });

  it('has figures of nothing', () => {
    expect(compareBlocks('placements', [])).toHaveLength(6);
    expect(figuresOf('placed', [])).toMatchObject({ rounds: 0, events: 0, p999Us: 0, foreign: [] });
  });
});
