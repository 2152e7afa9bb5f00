// Which VMs count as arrived or gone, and when they are asked about.
import { renameSync, rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { type BerthTree, configPath, makeBerthTree, restart } from '#fixtures/berth-tree.ts';
import { HostError } from '#host/host-error.ts';
import { type ArrivalSteps, makeArrivals } from './arrivals.ts';

let tree: BerthTree;
let asked: string[] = [];

beforeEach(async () => {
  tree = makeBerthTree();
  await tree.apply();
  asked = [];
});

const arrivals = (steps: Partial<ArrivalSteps> = {}) =>
  makeArrivals(tree.host, 'pve1', {
    isWanted: () => true,
    arrive: async vmid => void asked.push(`arrive ${vmid}`),
    depart: async vmid => void asked.push(`depart ${vmid}`),
    ...steps,
  });

describe('makeArrivals()', () => {
  it('asks once about every running VM that has no placement of its own', async () => {
    const look = arrivals();
    expect([...(await look())]).toEqual([]);
    const first = [...asked];
    expect(first).toContain('arrive 100');
    expect(first).not.toContain('arrive 101');
    await look();
    expect(asked).toEqual(first);
  });

  it('asks again about another process of the same VM', async () => {
    const look = arrivals();
    await look();
    asked = [];
    restart(tree, 100);
    await look();
    expect(asked).toEqual(['arrive 100']);
  });

  it('asks about another guest that has got the VMID of a placed one', async () => {
    tree.edit(configPath(101), /uuid=[^\n,]+/, 'uuid=11111111-2222-4333-8444-555555555555');
    await arrivals()();
    expect(asked).toContain('arrive 101');
  });

  it.each([
    ['its config is still on the node that it comes from', () => rmSync(tree.root + configPath(100))],
    ['it runs only to be backed up', () => tree.edit(configPath(100), /^/, 'lock: backup\n')],
  ])('waits while %s', async (_, begin) => {
    const config = tree.host.read(configPath(100)) ?? '';
    const look = arrivals();
    begin();
    await look();
    expect(asked).not.toContain('arrive 100');
    tree.host.replaceFile(configPath(100), config);
    await look();
    expect(asked).toContain('arrive 100');
  });

  it('asks about nobody unless the policy wants it, but still sees who has gone', async () => {
    markArrived(101);
    const look = arrivals({ isWanted: () => false });
    await look();
    expect(asked).toEqual([]);
    leave(101);
    await look();
    expect(asked).toEqual(['depart 101']);
  });

  it('gives nothing back of a VM that an apply has placed, nor of one that still runs here', async () => {
    leave(101);
    markArrived(104);
    rmSync(tree.root + configPath(104));
    await arrivals({ isWanted: () => false })();
    expect(asked).toEqual([]);
  });

  it('says what could not be done, and tries again', async () => {
    let isBroken = true;
    const arrive = async (vmid: number): Promise<void> => {
      if (isBroken && vmid === 100) throw new HostError('refused', 'no quorum');
      asked.push(`${vmid}`);
    };
    const look = arrivals({ arrive });
    expect([...(await look())]).toEqual([[100, 'no quorum']]);
    isBroken = false;
    expect([...(await look())]).toEqual([]);
    expect(asked).toContain('100');
  });

  it('is silent while an apply is under way', async () => {
    const arrive = async (): Promise<void> => {
      throw new HostError('busy', 'locked');
    };
    expect([...(await arrivals({ arrive })())]).toEqual([]);
  });

  it('says what is wrong with a placement, and asks about nobody', async () => {
    const path = '/etc/pve/berth/nodes/pve1/placement.json';
    tree.edit(path, '"berth/placement/1"', '"berth/placement/2"');
    expect([...(await arrivals({})())]).toEqual([[null, expect.stringContaining(`${path}: schema: `)]]);
    expect(asked).toEqual([]);
  });

  it('says what is wrong with a policy, and asks about nobody', async () => {
    const isWanted = () => {
      throw new ParseError('onArrival: no', { file: 'policy.yaml', line: 1, column: 1 } as never);
    };
    expect([...(await arrivals({ isWanted })()).keys()]).toEqual([null]);
    expect(asked).toEqual([]);
  });
});

function markArrived(vmid: number): void {
  const path = '/etc/pve/berth/nodes/pve1/placement.json';
  const placement = JSON.parse(tree.host.read(path) ?? '');
  for (const guest of placement.guests) if (guest.vmid === vmid) guest.arrived = true;
  tree.host.replaceFile(path, JSON.stringify(placement));
}

/** As after a migration away: the config is on another node, and nothing runs here. */
function leave(vmid: number): void {
  rmSync(`${tree.root}/run/qemu-server/${vmid}.pid`);
  renameSync(tree.root + configPath(vmid), `${tree.root}/etc/${vmid}.conf`);
}
