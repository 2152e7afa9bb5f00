// Tests of who is shown on which CPU.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { type CpuId, vmId } from '#domain/ids.ts';
import type { GuestPlacement, Placement } from '#domain/placement.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { cpuLabel, type HostMapView, makeHostMapView } from './host-map-view.ts';

const placed = (vmid: number, more: Partial<GuestPlacement>): GuestPlacement => ({
  vmid: vmId(vmid),
  kind: 'vm',
  identity: { uuid: null, vmgenid: null, createdAt: null },
  class: 'dedicated',
  smt: 'pairs',
  vcpus: [],
  emulator: cpuSet(),
  affinity: cpuSet(),
  nodes: nodeSet(),
  memory: null,
  found: new Map(),
  ...more,
});

function view(
  guests: readonly Guest[],
  placement: Partial<Placement> | null = null,
  shape: Shape = shapes.article,
): HostMapView {
  const whole = placement && {
    node: 'pve',
    isolation: 'none' as const,
    housekeeping: cpuSet(),
    guests: [],
    ...placement,
  };
  return makeHostMapView({ ...makeInventory(shape, guests), placement: whole });
}

function labelAt(map: HostMapView, cpu: number): string {
  const found = map.cpus.get(cpu as CpuId);
  return found ? cpuLabel(found) : 'offline';
}

describe('makeHostMapView() guests', () => {
  it('shows a running VM where its vCPU threads may run, not where its emulator may', () => {
    const map = view([
      makeVm(100, 2, { affinity: cpuSet([7]), runtime: makeVmRuntime(2, [0, 1, 2, 3], { pins: [2, 3] }) }),
    ]);
    expect(encodeIdList(map.guests[0]?.cpus ?? cpuSet())).toBe('2-3');
    expect([0, 2, 3, 7].map(cpu => labelAt(map, cpu))).toEqual(['·', '100', '100', '·']);
  });

  it('shows a stopped VM by its affinity, and a container by its cpuset', () => {
    const map = view([makeVm(100, 2, { affinity: cpuSet([4, 5]) }), makeContainer(200, 1, { cpuset: cpuSet([5]) })]);
    expect([4, 5].map(cpu => labelAt(map, cpu))).toEqual(['100', '100+1']);
  });

  it('shows a running container where it effectively is', () => {
    const runtime = { effective: parseCpuList('8-9'), cpuset: cpuSet() };
    const map = view([makeContainer(200, null, { cpuset: cpuSet([5]), runtime })]);
    expect([5, 8].map(cpu => labelAt(map, cpu))).toEqual(['·', '200']);
  });

  it('ties no guest that may run everywhere, nor one of class shared', () => {
    const map = view([makeVm(100, 2), makeVm(101, 2, { affinity: parseCpuList('0-20') })], {
      guests: [placed(101, { class: 'shared' })],
    });
    expect(map.guests.map(({ tied }) => tied)).toEqual([false, false]);
    expect(labelAt(map, 0)).toBe('·');
  });

  it('names the guest that has the CPU for itself first', () => {
    const both = [makeVm(100, 2, { affinity: cpuSet([4, 5]) }), makeVm(101, 1, { affinity: cpuSet([4]) })];
    expect(labelAt(view(both, { guests: [placed(101, { vcpus: [cpuSet([4])] })] }), 4)).toBe('101+1');
  });

  it('marks siblings that are kept idle', () => {
    const guest = makeVm(100, 1, { affinity: cpuSet([4]) });
    const map = view([guest], { guests: [placed(100, { smt: 'isolate', vcpus: [cpuSet([4])] })] });
    expect([4, 20].map(cpu => labelAt(map, cpu))).toEqual(['100', '(100)']);
  });

  it('ignores an affinity that names no online CPU', () => {
    expect(view([makeVm(100, 2, { affinity: cpuSet([900]) })]).guests[0]).toMatchObject({ tied: false });
  });

  it('leaves templates out and makes names fit to print', () => {
    const map = view([makeVm(100, 1, { template: true }), makeVm(101, 1, { name: 'a\x1b[31m\xe9' })]);
    expect(map.guests.map(({ name }) => name)).toEqual(['a?[31m?']);
  });
});

describe('makeHostMapView() machine', () => {
  it('nests nodes in packages and LLC domains in nodes', () => {
    const { packages, memoryNodes } = view([], null, shapes['epyc-nps4']);
    expect(packages.map(({ nodes }) => nodes.map(({ node, llcs }) => [node.id, llcs.length]))).toEqual([
      [
        [0, 2],
        [1, 2],
        [2, 2],
        [3, 2],
      ],
      [
        [4, 2],
        [5, 2],
        [6, 2],
        [7, 2],
      ],
    ]);
    expect(memoryNodes).toEqual([]);
  });

  it('sets memory-only nodes apart and groups cores by kind', () => {
    expect(view([], null, shapes['memory-only-node']).memoryNodes.map(({ node }) => node.id)).toEqual([2]);
    const kinds = view([], null, shapes.hybrid).packages[0]?.nodes[0]?.llcs[0]?.groups;
    expect(kinds?.map(({ kind, cores }) => [kind, cores.length])).toEqual([
      ['performance', 8],
      ['efficiency', 16],
    ]);
  });

  it('marks housekeeping, isolated and offline CPUs', () => {
    const map = view([], { housekeeping: cpuSet([0, 16]) }, { ...shapes.article, isolated: [4], offline: [31] });
    expect([0, 16, 1, 31].map(cpu => labelAt(map, cpu))).toEqual(['host', 'host', '·', 'offline']);
    expect(map.cpus.get(4 as CpuId)?.isolated).toBe(true);
    expect(encodeIdList(map.offline)).toBe('31');
  });
});
