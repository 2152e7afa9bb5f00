// Tests of the algorithms that choose NUMA nodes or a mask and leave the rest to the kernel.
import { describe, expect, it } from 'vitest';
import type { PlacedVm } from '../placement-algorithm.ts';
import { cpusOf, makeHostState, makeRequest, placeAll } from '../small-hosts.ts';
import { even } from './even.ts';
import { numad } from './numad.ts';
import { proxmoxAffinity } from './proxmox-affinity.ts';
import { proxmoxCpuAffinity } from './proxmox-cpu-affinity.ts';
import { random } from './random.ts';
import { xapi } from './xapi.ts';

const masksOf = (placed: readonly (PlacedVm | null)[]) => placed.map(vm => vm?.allowed.ids ?? null);

const eightCores = { cores: [[4, 4]], threads: 2 as const };
const twoNodes = { cores: [[4], [4]] };

describe('proxmoxCpuAffinity', () => {
  it('goes round by one, each CPU with its sibling and then the others behind its cache', () => {
    const requests = [100, 101, 102, 103].map(vmid => makeRequest(vmid, 4));
    expect(masksOf(placeAll(proxmoxCpuAffinity, requests, makeHostState(eightCores)))).toEqual([
      [0, 1, 2, 9],
      [0, 1, 2, 10],
      [0, 1, 3, 11],
      [4, 5, 6, 12],
    ]);
  });

  it('goes to the nearest node when one is too small, and around at the end', () => {
    const state = makeHostState({
      cores: [[2], [2], [2]],
      distances: [
        [10, 30, 20],
        [30, 10, 20],
        [20, 20, 10],
      ],
    });
    expect(masksOf(placeAll(proxmoxCpuAffinity, [makeRequest(100, 3)], state))).toEqual([[0, 1, 4]]);
    const six = Array.from({ length: 6 }, (_, n) => makeRequest(100 + n, 1));
    expect(cpusOf(placeAll(proxmoxCpuAffinity, six, state))).toEqual([[1], [2], [3], [4], [5], [0]]);
  });
});

describe('proxmoxAffinity', () => {
  it.each([
    { smt: 'any' as const, vcpus: 5, mask: [0, 1, 2, 8, 9, 10] },
    { smt: 'isolate' as const, vcpus: 4, mask: [0, 1, 2, 3] },
    { smt: 'isolate' as const, vcpus: 5, mask: null },
    { smt: 'any' as const, vcpus: 9, mask: null },
  ])('gives $vcpus vCPUs with $smt $mask of the first cache', ({ smt, vcpus, mask }) => {
    const placed = placeAll(proxmoxAffinity, [makeRequest(100, vcpus, { smt })], makeHostState(eightCores));
    expect(masksOf(placed)).toEqual([mask]);
  });

  it('passes over a cache that is too small', () => {
    const placed = placeAll(proxmoxAffinity, [makeRequest(100, 3)], makeHostState({ cores: [[2, 4]] }));
    expect(masksOf(placed)).toEqual([[2, 3, 4]]);
  });
});

describe('xapi', () => {
  it('goes to the node with fewest VMs, whatever they need', () => {
    const requests = [makeRequest(100, 4), makeRequest(101, 1), makeRequest(102, 4)];
    expect(masksOf(placeAll(xapi, requests, makeHostState(twoNodes)))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [0, 1, 2, 3],
    ]);
  });

  it('takes the nearest nodes when one is too small, and interleaves memory over them', () => {
    const state = makeHostState({
      cores: [[4], [4], [4]],
      distances: [
        [10, 30, 20],
        [30, 10, 20],
        [20, 20, 10],
      ],
    });
    const [vm] = placeAll(xapi, [makeRequest(100, 6)], state);
    expect(vm?.allowed.ids).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
    expect([...(vm?.memoryMiB ?? [])]).toEqual([
      [0, 512],
      [2, 512],
    ]);
  });

  it('wants a core for each vCPU that is isolated', () => {
    const state = makeHostState({ cores: [[4], [4]], threads: 2 });
    const placed = placeAll(xapi, [makeRequest(100, 6), makeRequest(101, 6, { smt: 'isolate' })], state);
    expect(placed.map(vm => vm?.allowed.size)).toEqual([8, 16]);
  });

  it.each([
    ['CPUs', makeRequest(100, 9)],
    ['memory', makeRequest(100, 1, { memoryMiB: 140_000 })],
  ])('refuses when the host has too little %s', (_, request) => {
    expect(placeAll(xapi, [request], makeHostState(twoNodes))).toEqual([null]);
  });
});

describe('numad', () => {
  it('goes where there is most of what is needed', () => {
    const state = makeHostState({ ...twoNodes, freeMiB: [2_000, 4_000] });
    expect(masksOf(placeAll(numad, [makeRequest(100, 2)], state))).toEqual([[4, 5, 6, 7]]);
  });

  it('counts a second thread as a fifth of a CPU', () => {
    const state = makeHostState({ cores: [[4], [4]], threads: 2 });
    const placed = placeAll(numad, [makeRequest(100, 4), makeRequest(101, 5)], state);
    expect(placed.map(vm => vm?.allowed.size)).toEqual([8, 16]);
  });

  it('adds a node for a margin of 100 MiB', () => {
    const state = makeHostState({ ...twoNodes, freeMiB: [1_100, 1_100] });
    const nodes = [1_000, 1_001].map(memoryMiB => placeAll(numad, [makeRequest(100, 1, { memoryMiB })], state));
    expect(nodes.map(([vm]) => vm?.allowed.size)).toEqual([4, 8]);
  });

  it('starts a chain where the near nodes have much, too', () => {
    const state = makeHostState({
      cores: [[4], [4], [4]],
      freeMiB: [9_000, 8_000, 8_000],
      distances: [
        [10, 40, 40],
        [40, 10, 12],
        [40, 12, 10],
      ],
    });
    expect(masksOf(placeAll(numad, [makeRequest(100, 6)], state))).toEqual([[4, 5, 6, 7, 8, 9, 10, 11]]);
  });
});

describe('even', () => {
  it.each([
    { smt: 'any' as const, vcpus: 6, cpus: [0, 1, 2, 4, 5, 6] },
    { smt: 'isolate' as const, vcpus: 3, cpus: [0, 2, 4] },
    { smt: 'pairs' as const, vcpus: 4, cpus: [0, 4, 8, 12] },
    { smt: 'isolate' as const, vcpus: 9, cpus: null },
  ])('spreads $vcpus vCPUs with $smt to $cpus', ({ smt, vcpus, cpus }) => {
    const state = makeHostState({ cores: [[4], [4]], threads: 2 });
    expect(cpusOf(placeAll(even, [makeRequest(100, vcpus, { smt })], state))).toEqual([cpus]);
  });

  it('gives the parts shares of what is free in them', () => {
    const state = makeHostState({ ...twoNodes, usable: [0, 4, 5, 6] });
    expect(cpusOf(placeAll(even, [makeRequest(100, 4)], state))).toEqual([[0, 4, 5, 6]]);
  });
});

describe('random', () => {
  const state = makeHostState({ cores: [[16], [16]] });
  const cpusOfVm = (vmid: number) => placeAll(random, [makeRequest(vmid, 4)], state)[0]?.cpus;

  it('chooses the same for a VM every time, and for others something else', () => {
    expect(cpusOfVm(100)).toEqual(cpusOfVm(100));
    expect(cpusOfVm(100)).not.toEqual(cpusOfVm(101));
  });

  it('comes to every CPU', () => {
    const seen = new Set(Array.from({ length: 100 }, (_, n) => cpusOfVm(n)).flat());
    expect(seen.size).toBe(32);
  });
});
