// Which scenarios run, how often, and which share a boot.
import { describe, expect, it } from 'vitest';
import { listRuns, makeBatches, type RunChoice, splitBatches } from './run.ts';
import { makeScenario, type Scenario } from './scenario.ts';

function scenario(name: string, changes: Record<string, unknown> = {}): Scenario {
  const sabotage = { what: 'nothing happens', step: 1, instead: { wait: 2 }, says: 'no' };
  return makeScenario(name, {
    ...{ what: name, shape: '2p2n8c', steps: [{ wait: 1 }], sabotage: [sabotage] },
    ...changes,
  });
}

const both = scenario('both', {
  kernels: ['6.12', '6.1'],
  sabotage: [
    { what: 'one', step: 1, instead: { wait: 2 }, says: 'no' },
    { what: 'two', step: 1, instead: { wait: 3 }, says: 'no' },
  ],
});
const describeRuns = (scenarios: readonly Scenario[], choice: Partial<RunChoice>) =>
  listRuns(scenarios, { sabotage: false, kernels: 'first', ...choice }).map(
    ({ scenario: { name }, kernel, sabotage }) => `${name} ${kernel} ${sabotage}`,
  );

describe('listRuns()', () => {
  it.each<readonly [string, Partial<RunChoice>, readonly string[]]>([
    ['once, on the first kernel', {}, ['both 6.12 null']],
    ['once on every kernel', { kernels: 'all' }, ['both 6.12 null', 'both 6.1 null']],
    ['once on one kernel that it lists', { kernels: { only: '6.1' } }, ['both 6.1 null']],
    ['not at all on a kernel that it does not list', { kernels: { only: '6.6' } }, []],
    ['once for each sabotage, and never as it is', { sabotage: true }, ['both 6.12 0', 'both 6.12 1']],
    [
      'for each sabotage on every kernel',
      { sabotage: true, kernels: 'all' },
      ['both 6.12 0', 'both 6.12 1', 'both 6.1 0', 'both 6.1 1'],
    ],
  ])('runs a scenario %s', (_, choice, expected) => {
    expect(describeRuns([both], choice)).toEqual(expected);
  });

  it('runs in the first userland, or in all of them, with the kernels', () => {
    const inside = scenario('inside', { userlands: ['trixie', 'bookworm'] });
    const userlands = (kernels: RunChoice['kernels']) =>
      listRuns([inside], { sabotage: false, kernels }).map(({ userland }) => userland);
    expect(userlands('first')).toEqual(['trixie']);
    expect(userlands('all')).toEqual(['trixie', 'bookworm']);
    expect(listRuns([both], { sabotage: false, kernels: 'first' })[0]?.userland).toBeNull();
  });

  it('has no runs for no scenarios', () => {
    expect(describeRuns([], { sabotage: true, kernels: 'all' })).toEqual([]);
  });
});

describe('makeBatches()', () => {
  const batchesOf = (...scenarios: readonly Scenario[]) =>
    makeBatches(listRuns(scenarios, { sabotage: false, kernels: 'all' })).map(({ shape, kernel, boot, runs }) => ({
      host: [shape, kernel, boot].join(' ').trim(),
      names: runs.map(run => run.scenario.name),
    }));

  it('shares a boot between scenarios of the same shape, kernel and parameters, wherever they stand', () => {
    expect(batchesOf(scenario('a'), scenario('b', { shape: '1p1n4c' }), scenario('c'))).toEqual([
      { host: '2p2n8c 6.12', names: ['a', 'c'] },
      { host: '1p1n4c 6.12', names: ['b'] },
    ]);
  });

  it.each([
    ['shapes', { shape: '2p2n8c2t' }],
    ['kernels', { kernels: ['6.1'] }],
    ['parameters', { boot: 'isolcpus=4-7' }],
    ['userlands', { userlands: ['trixie'] }],
  ])('boots twice for two %s', (_, changes) => {
    expect(batchesOf(scenario('a'), scenario('b', changes)).map(({ names }) => names)).toEqual([['a'], ['b']]);
  });

  it('shares a boot between shapes that differ in nothing but their offline CPUs', () => {
    expect(batchesOf(scenario('a'), scenario('b', { shape: '2p2n8c-offline' })).map(({ names }) => names)).toEqual([
      ['a', 'b'],
    ]);
  });

  it('boots once for each kernel of a scenario', () => {
    expect(batchesOf(both, scenario('a'))).toEqual([
      { host: '2p2n8c 6.12', names: ['both', 'a'] },
      { host: '2p2n8c 6.1', names: ['both'] },
    ]);
  });

  it('has no batches for no runs', () => {
    expect(makeBatches([])).toEqual([]);
  });
});

describe('splitBatches()', () => {
  const named = (count: number, changes: Record<string, unknown> = {}) =>
    Array.from({ length: count }, (_, index) => scenario(`${changes.shape ?? 'a'}${index}`, changes));
  const batches = makeBatches(
    listRuns([...named(1, { shape: '1p1n4c' }), ...named(7), ...named(2, { shape: '2p2n8c2t' })], {
      ...{ sabotage: false, kernels: 'first' },
    }),
  );
  const sizes = (atOnce: number) => splitBatches(batches, atOnce).map(({ runs }) => runs.length);

  it('leaves them as they are for one at a time', () => {
    expect(splitBatches(batches, 1)).toEqual(batches);
  });

  it.each([
    [2, [4, 3, 2, 1]],
    [3, [4, 3, 2, 1]],
    [9, [2, 2, 2, 2, 1, 1]],
  ])('gives %i at once parts of %j, longest first', (atOnce, expected) => {
    expect(sizes(atOnce)).toEqual(expected.flat());
  });

  it('has each run once', () => {
    const names = splitBatches(batches, 2).flatMap(({ runs }) => runs.map(run => run.scenario.name));
    expect(names.toSorted()).toEqual(batches.flatMap(({ runs }) => runs.map(run => run.scenario.name)).toSorted());
  });

  it('has no parts of no batches', () => {
    expect(splitBatches([], 2)).toEqual([]);
  });
});
