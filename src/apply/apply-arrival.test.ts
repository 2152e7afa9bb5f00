// The record of a VM that came by itself: journalled, undone like an apply, and not made again after that.
import { renameSync, rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { type BerthTree, configPath, makeBerthTree, pidOf } from '#fixtures/berth-tree.ts';
import { readPlacement } from '#host/read-placement.ts';
import { readVmProcess } from '#host/vm-process.ts';
import { type ArrivalOptions, applyArrival, applyDeparture } from './apply-arrival.ts';
import { readJournal } from './journal-files.ts';

const NEWCOMER = vmId(100);
let tree: BerthTree;
let options: ArrivalOptions;

beforeEach(async () => {
  tree = makeBerthTree();
  tree.setPolicy('guests:\n  101: { class: dedicated }\n');
  await tree.apply();
  tree.setPolicy('guests:\n  100: { class: dedicated }\n');
  options = {
    host: tree.host,
    now: () => new Date(0),
    readInput: async () => ({ ...(await tree.state()), isolation: 'none', through: 'file' }),
  };
});

const processOf = (): string => {
  const process = readVmProcess(tree.host, NEWCOMER);
  return `${process?.pid}/${process?.startTime}`;
};
const placedVmids = () => readPlacement(tree.host, 'pve1')?.guests.map(({ vmid }) => vmid);
const arrive = () => applyArrival(NEWCOMER, processOf(), options);

/** As after a migration away. */
function leave(): void {
  rmSync(`${tree.root}/run/qemu-server/100.pid`);
  renameSync(tree.root + configPath(100), `${tree.root}/etc/100.conf`);
}

describe('applyArrival()', () => {
  it('records the newcomer and nothing else: no config, no thread, nobody else', async () => {
    const before = tree.files();
    const placement = readPlacement(tree.host, 'pve1');
    expect(pidOf(tree, 100)).toBeGreaterThan(0);
    expect(await arrive()).toMatchObject({
      kind: 'placed',
      guest: { vmid: 100, arrived: true },
      entry: { cause: { kind: 'arrived', vmid: 100 }, state: 'done' },
    });
    const changed = [...tree.files()].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(changed).toEqual(['/etc/pve/berth/nodes/pve1/placement.json', '/var/lib/berth/placement.json']);
    const others = readPlacement(tree.host, 'pve1')?.guests.filter(({ vmid }) => vmid !== NEWCOMER);
    expect(others).toEqual(placement?.guests.filter(({ vmid }) => vmid !== NEWCOMER));
  });

  it('is undone like an apply, and is not done again for the same process', async () => {
    const before = tree.files();
    await arrive();
    await tree.undo();
    expect(tree.files()).toEqual(before);
    expect(await arrive()).toEqual({ kind: 'left' });
    expect(tree.files()).toEqual(before);
  });

  it('leaves a VM whose placement by an apply was taken back while it ran', async () => {
    await tree.undo();
    const { pid, startTime } = readVmProcess(tree.host, vmId(101)) ?? {};
    expect(await applyArrival(vmId(101), `${pid}/${startTime}`, options)).toEqual({ kind: 'left' });
  });

  it('writes nothing when there is no room', async () => {
    tree.edit(configPath(100), /^cores: .*$/m, 'cores: 30');
    const before = tree.files();
    expect(await arrive()).toMatchObject({ kind: 'no-room' });
    expect(tree.files()).toEqual(before);
    expect(readJournal(tree.host)).toHaveLength(1);
  });
});

describe('applyDeparture()', () => {
  it('gives back what an arrived VM had, once it is gone', async () => {
    const before = placedVmids();
    await arrive();
    expect(placedVmids()).toContain(100);
    leave();
    expect(await applyDeparture(NEWCOMER, options)).toMatchObject({ cause: { kind: 'departed', vmid: 100 } });
    expect(placedVmids()).toEqual(before?.filter(vmid => vmid !== 100));
  });

  it('gives nothing back while its config is here', async () => {
    await arrive();
    expect(await applyDeparture(NEWCOMER, options)).toBeNull();
    expect(placedVmids()).toContain(100);
  });

  it('gives nothing back that an apply has placed', async () => {
    rmSync(tree.root + configPath(101));
    expect(await applyDeparture(vmId(101), options)).toBeNull();
  });
});
