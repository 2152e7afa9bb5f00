// An apply that is only measured: configs stay, it is undone with its purpose, and what a killed measurement leaves is found.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { type BerthTree, configPath, makeBerthTree } from '#fixtures/berth-tree.ts';
import { readBenchMark, removeBenchMark, writeBenchMark } from '#host/bench-mark.ts';
import { findAbandonedBench, finishAbandonedBench } from './finish-bench.ts';
import { readJournal } from './journal-files.ts';

let tree: BerthTree;
let before: ReadonlyMap<string, string>;

beforeEach(() => {
  tree = makeBerthTree();
  before = tree.files();
});

const applyForBench = () => tree.apply(undefined, { purpose: 'bench' });
const finish = () => finishAbandonedBench({ host: tree.host, qm: null }, () => new Date(0));
const changedConfigs = () =>
  [...tree.files()].filter(([path, text]) => path.endsWith('.conf') && before.get(path) !== text).map(([path]) => path);

/** As `/run/berth/bench` has it. */
function markAs(pid: number, startTime: string): void {
  tree.host.replaceFile('/run/berth/bench', `101 ${pid} ${startTime}\n`);
}

function makeProcess(pid: number, startTime: number): void {
  const fields = Array.from({ length: 50 }, (_, index) => (index === 18 ? startTime : 0)).join(' ');
  mkdirSync(join(tree.root, `proc/${pid}`), { recursive: true });
  writeFileSync(join(tree.root, `proc/${pid}/stat`), `${pid} (node) S ${fields}\n`);
}

describe('an apply to be measured', () => {
  it('changes no config, and its undo everything else', async () => {
    const result = await applyForBench();
    expect(result).toMatchObject({ kind: 'ran', entry: { purpose: 'bench', state: 'done' } });
    expect(changedConfigs()).toEqual([]);
    expect(tree.files()).not.toEqual(before);
    expect(await tree.undo()).toMatchObject({ purpose: 'bench', state: 'done' });
    expect(tree.files()).toEqual(before);
  });

  it('can be made again and again', async () => {
    const plan = await tree.plan();
    for (let round = 0; round < 3; round++) {
      expect(await tree.apply(plan, { purpose: 'bench' })).toMatchObject({ kind: 'ran' });
      await tree.undo();
    }
    expect(tree.files()).toEqual(before);
    expect(readJournal(tree.host)).toHaveLength(6);
  });

  it('leaves an ordinary apply with configs', async () => {
    await tree.apply();
    expect(changedConfigs()).toContain(configPath(101));
    expect(readJournal(tree.host)[0]?.purpose).toBeUndefined();
  });
});

describe('readBenchMark()', () => {
  it('knows the measurement while its process lives', () => {
    makeProcess(4711, 99);
    markAs(4711, '99');
    expect(readBenchMark(tree.host)).toEqual({ vmid: 101, pid: 4711 });
  });

  it.each([
    ['no process', 4712, '99'],
    ['a process that came later under the same number', 4711, '98'],
    ['a mark that was cut off', 4711, ''],
  ])('is nothing with %s', (_, pid, startTime) => {
    makeProcess(4711, 99);
    markAs(pid, startTime);
    expect(readBenchMark(tree.host)).toBeNull();
  });

  it('keeps everybody else from applying and undoing', async () => {
    await tree.apply();
    makeProcess(4711, 99);
    markAs(4711, '99');
    await expect(tree.undo()).rejects.toThrow('`berth bench 101` (process 4711) is measuring. Nothing was changed');
    removeBenchMark(tree.host);
    expect(await tree.undo()).toMatchObject({ state: 'done' });
  });

  it('does not keep the one that made it', async () => {
    makeProcess(process.pid, 7);
    writeBenchMark(tree.host, vmId(101));
    expect(readBenchMark(tree.host)).toEqual({ vmid: 101, pid: process.pid });
    expect(await applyForBench()).toMatchObject({ kind: 'ran' });
  });
});

describe('finishAbandonedBench()', () => {
  it('puts back what a killed measurement had applied', async () => {
    await applyForBench();
    markAs(4711, '99');
    expect(findAbandonedBench(tree.host)).toMatchObject({ id: '0001' });
    expect(await finish()).toMatchObject({ undoes: '0001', purpose: 'bench', state: 'done' });
    expect(await finish()).toBeNull();
    removeBenchMark(tree.host);
    expect(tree.files()).toEqual(before);
  });

  it('goes on with an undo that was killed too', async () => {
    await applyForBench();
    expect(await tree.undo(null, { shouldStop: () => true })).toMatchObject({ state: 'stopped', purpose: 'bench' });
    expect(await finish()).toMatchObject({ undoes: '0001', state: 'done' });
    expect(tree.files()).toEqual(before);
  });

  it('leaves a measurement alone that is under way', async () => {
    await applyForBench();
    makeProcess(4711, 99);
    markAs(4711, '99');
    expect(await finish()).toBeNull();
  });

  it('leaves an ordinary apply alone, also before a measurement', async () => {
    await tree.apply();
    expect(await finish()).toBeNull();
    expect(readJournal(tree.host)).toHaveLength(1);
  });

  it('finds nothing in an empty journal', async () => {
    expect(await finish()).toBeNull();
  });
});
