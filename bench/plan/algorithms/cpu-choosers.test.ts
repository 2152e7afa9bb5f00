// Tests of the algorithms that pin vCPUs one by one and have no cases of their project to be compared with.
import { describe, expect, it } from 'vitest';
import { numaNodeId } from '#domain/ids.ts';
import type { PlacedVm } from '../placement-algorithm.ts';
import { cpusOf, makeHostState, makeRequest, placeAll } from '../small-hosts.ts';
import { nriBalloonsPack, nriBalloonsSpread } from './nri-balloons.ts';
import { nriTopologyAware } from './nri-topology-aware.ts';
import { openNebula } from './opennebula.ts';
import { ovirt } from './ovirt.ts';

const twoNodes = { cores: [[4], [4]] };
const withSiblings = { ...twoNodes, threads: 2 as const };
const memoryOf = (vm: PlacedVm | null | undefined) => [...(vm?.memoryMiB ?? [])];

describe('openNebula', () => {
  it.each([
    { smt: 'any' as const, vcpus: 3, cpus: [[4, 5, 12]] },
    { smt: 'pairs' as const, vcpus: 4, cpus: [[4, 5, 12, 13]] },
    { smt: 'pairs' as const, vcpus: 3, cpus: [null] },
    { smt: 'isolate' as const, vcpus: 3, cpus: [[4, 5, 6]] },
    { smt: 'isolate' as const, vcpus: 5, cpus: [null] },
  ])('gives $vcpus vCPUs with $smt $cpus, on the highest of equal nodes', ({ smt, vcpus, cpus }) => {
    const placed = placeAll(openNebula, [makeRequest(100, vcpus, { smt })], makeHostState(withSiblings));
    expect(cpusOf(placed)).toEqual(cpus);
  });

  it('falls back to fewer threads of a core where groups are too few', () => {
    const state = makeHostState({ ...withSiblings, usable: [0, 1, 2, 3, 8] });
    expect(cpusOf(placeAll(openNebula, [makeRequest(100, 4)], state))).toEqual([[0, 1, 2, 8]]);
  });

  it('prefers the node of a device', () => {
    const placed = placeAll(openNebula, [makeRequest(100, 2, { deviceNode: numaNodeId(0) })], makeHostState(twoNodes));
    expect(cpusOf(placed)).toEqual([[0, 1]]);
  });

  it('lets memory lie on the nearest node that has it', () => {
    const state = makeHostState({ ...twoNodes, freeMiB: [2_000, 500], usable: [4, 5, 6, 7] });
    const [vm] = placeAll(openNebula, [makeRequest(100, 2)], state);
    expect(vm?.cpus).toEqual([4, 5]);
    expect(memoryOf(vm)).toEqual([[0, 1024]]);
  });

  it('puts each guest node where most is left', () => {
    const [vm] = placeAll(openNebula, [makeRequest(100, 4, { guestNodes: 2 })], makeHostState(twoNodes));
    expect(vm?.cpus).toEqual([4, 5, 0, 1]);
    expect(memoryOf(vm)).toEqual([
      [1, 512],
      [0, 512],
    ]);
  });
});

describe('ovirt', () => {
  it.each([
    { smt: 'any' as const, vcpus: 3, cpus: [[0, 1, 8]] },
    { smt: 'pairs' as const, vcpus: 4, cpus: [[0, 1, 8, 9]] },
    { smt: 'pairs' as const, vcpus: 3, cpus: [null] },
    { smt: 'isolate' as const, vcpus: 4, cpus: [[0, 1, 2, 3]] },
    { smt: 'isolate' as const, vcpus: 5, cpus: [null] },
  ])('gives $vcpus vCPUs with $smt $cpus', ({ smt, vcpus, cpus }) => {
    const placed = placeAll(ovirt, [makeRequest(100, vcpus, { smt })], makeHostState(withSiblings));
    expect(cpusOf(placed)).toEqual(cpus);
  });

  it('puts no part of a virtual socket elsewhere', () => {
    const requests = [makeRequest(100, 5), makeRequest(101, 6, { guestNodes: 2 })];
    expect(cpusOf(placeAll(ovirt, requests, makeHostState(twoNodes)))).toEqual([null, [0, 1, 2, 4, 5, 6]]);
  });

  it('interleaves memory over the nodes of the package', () => {
    const [vm] = placeAll(ovirt, [makeRequest(100, 2)], makeHostState({ ...twoNodes, nodesPerPackage: 2 }));
    expect(vm?.cpus).toEqual([0, 1]);
    expect(memoryOf(vm)).toEqual([
      [0, 512],
      [1, 512],
    ]);
  });

  it('passes over a package with too little memory', () => {
    const placed = placeAll(ovirt, [makeRequest(100, 2)], makeHostState({ ...twoNodes, freeMiB: [1_000, 2_000] }));
    expect(cpusOf(placed)).toEqual([[4, 5]]);
  });
});

describe('nriTopologyAware', () => {
  it('takes the deepest pool that keeps something to share', () => {
    const state = makeHostState({ cores: [[4, 4], [8]] });
    const placed = placeAll(nriTopologyAware, [makeRequest(100, 3), makeRequest(101, 4)], state);
    expect(cpusOf(placed)).toEqual([
      [0, 1, 2],
      [8, 9, 10, 11],
    ]);
  });

  it('goes to its device before all', () => {
    const request = makeRequest(100, 2, { deviceNode: numaNodeId(1) });
    expect(cpusOf(placeAll(nriTopologyAware, [request], makeHostState(twoNodes)))).toEqual([[4, 5]]);
  });

  it('goes up where a node has too little memory, and binds it to the pool', () => {
    const state = makeHostState({ ...twoNodes, freeMiB: [900, 700] });
    const [vm] = placeAll(nriTopologyAware, [makeRequest(100, 2)], state);
    expect(vm?.cpus).toEqual([0, 1]);
    expect(memoryOf(vm)).toEqual([
      [0, 900],
      [1, 124],
    ]);
  });

  it.each([
    { smt: 'pairs' as const, allowed: [0, 1, 8, 9] },
    { smt: 'isolate' as const, allowed: [0, 1, 2, 8, 9, 10] },
  ])('reserves whole cores for $smt', ({ smt, allowed }) => {
    const [vm] = placeAll(nriTopologyAware, [makeRequest(100, 3, { smt })], makeHostState(withSiblings));
    expect(vm?.allowed.ids).toEqual(allowed);
  });
});

describe('nriBalloonsPack and nriBalloonsSpread', () => {
  it('go to the fullest node that has enough, or to the emptiest', () => {
    const requests = [makeRequest(100, 2), makeRequest(101, 2)];
    const places = [nriBalloonsPack, nriBalloonsSpread].map(algorithm =>
      cpusOf(placeAll(algorithm, requests, makeHostState(twoNodes))),
    );
    expect(places).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
      [
        [0, 1],
        [4, 5],
      ],
    ]);
  });

  it('go near a device first', () => {
    const request = makeRequest(100, 2, { deviceNode: numaNodeId(1) });
    expect(cpusOf(placeAll(nriBalloonsPack, [request], makeHostState(twoNodes)))).toEqual([[4, 5]]);
  });
});
