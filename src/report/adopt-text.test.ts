// Every reason not to adopt is a sentence, and an adopted guest is shown with what goes into the policy.
import { describe, expect, it } from 'vitest';
import type { AdoptedGuest, NotAdopted } from '#domain/adoption.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { describeNotAdopted, renderAdoption } from './adopt-text.ts';
import { makePaint } from './paint.ts';

const masks = [cpuSet([1]), cpuSet([2, 3])];
const reasons: readonly NotAdopted[] = [
  { kind: 'not-pinned' },
  { kind: 'placed' },
  { kind: 'template' },
  { kind: 'unreadable', reason: 'no answer\x1b[2J' },
  { kind: 'overlap', cpus: cpuSet([4]), others: [vmId(101)] },
  { kind: 'wider-than-node', cpus: cpuSet([1, 9]), nodes: nodeSet([0, 1]) },
  { kind: 'vcpus-differ', masks },
  { kind: 'emulator-differs', masks: [...masks, ...masks, ...masks] },
  { kind: 'vcpus-unplugged', plugged: 2, vcpus: 4 },
  { kind: 'restart-pending', keys: ['numa0'] },
  { kind: 'stopped-with-hookscript', hookscript: 'local:snippets/a' },
  { kind: 'cpus-absent', cpus: cpuSet([64]) },
  { kind: 'cpuset-differs', configured: cpuSet([1]), effective: cpuSet([2]) },
];

describe('describeNotAdopted()', () => {
  it.each(reasons)('says $kind in a sentence', why => {
    const text = describeNotAdopted(why);
    expect(text).toMatch(/\.$/);
    expect(text).not.toMatch(/undefined|null|\[object|\x1b/);
  });
});

describe('renderAdoption()', () => {
  const inventory = makeInventory(shapes.article, [makeVm(100, 2), makeVm(101, 2)]);
  const adopted: AdoptedGuest = {
    placed: {
      ...{ vmid: vmId(100), kind: 'vm', identity: { uuid: null, vmgenid: null, createdAt: null } },
      ...{ class: 'confined', smt: 'isolate', vcpus: [cpuSet([4]), cpuSet([5])], emulator: cpuSet([0]) },
      ...{ affinity: cpuSet(), nodes: nodeSet([0, 1]), memory: null, found: new Map() },
    },
    wishes: [['class', 'dedicated']],
    beside: [vmId(101)],
    memoryElsewhere: nodeSet([1]),
  };
  const placement = { node: 'pve', isolation: 'none' as const, housekeeping: cpuSet([0]), guests: [] };
  const render = (parts: object) =>
    renderAdoption({ node: 'pve', adopted: [], left: [], placement, ...parts }, inventory, makePaint(false));

  it('shows where each vCPU is, what the policy gets, and what is not good yet', () => {
    const text = render({ adopted: [adopted] });
    expect(text).toContain('vCPU→CPU 0→4 1→5');
    expect(text).toContain('policy: 100: { class: dedicated }');
    expect(text).toContain('not alone there: 101 guest-101 may run');
    expect(text).toContain('part of its memory is on node 1');
  });

  it('says that an entry of the policy stays', () => {
    expect(render({ adopted: [{ ...adopted, wishes: null }] })).toContain('has an entry for it, which stays as it is');
  });

  it('says so when there is nothing, and lists who is left', () => {
    const left = [{ vmid: vmId(101), why: { kind: 'placed' } }];
    expect(render({ left })).toMatch(/No guest is pinned[\s\S]*! 101 guest-101: Berth has placed it already/);
  });
});
