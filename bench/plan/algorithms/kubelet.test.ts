// Tests of the kubelet's flavours; `npm run conform -- peers` compares the sets with its own tests.
import { describe, expect, it } from 'vitest';
import { numaNodeId } from '#domain/ids.ts';
import { cpusOf, makeHostState, makeRequest, placeAll } from '../small-hosts.ts';
import {
  kubeletBestEffort,
  kubeletDistributed,
  kubeletPacked,
  kubeletRestricted,
  kubeletSingleNode,
  kubeletUncore,
} from './kubelet.ts';

const smallHost = { cores: [[4], [4]], threads: 2 as const };

describe('kubeletPacked', () => {
  it.each([
    { smt: 'any' as const, vcpus: 3, cpus: [0, 8, 1], allowed: [0, 1, 8] },
    { smt: 'pairs' as const, vcpus: 3, cpus: [0, 8, 1], allowed: [0, 1, 8, 9] },
    { smt: 'isolate' as const, vcpus: 3, cpus: [0, 1, 2], allowed: [0, 1, 2, 8, 9, 10] },
  ])('gives $vcpus vCPUs with $smt $cpus of $allowed', ({ smt, vcpus, cpus, allowed }) => {
    const [vm] = placeAll(kubeletPacked, [makeRequest(100, vcpus, { smt })], makeHostState(smallHost));
    expect(vm?.cpus).toEqual(cpus);
    expect(vm?.allowed.ids).toEqual(allowed);
  });

  it('fills the node that is fuller already', () => {
    const requests = [makeRequest(100, 2), makeRequest(101, 2)];
    expect(cpusOf(placeAll(kubeletPacked, requests, makeHostState(smallHost)))).toEqual([
      [0, 8],
      [1, 9],
    ]);
  });

  it('refuses when too few CPUs are free', () => {
    expect(placeAll(kubeletPacked, [makeRequest(100, 17)], makeHostState(smallHost))).toEqual([null]);
  });

  it('refuses to tear a core that has to be whole', () => {
    const requests = [makeRequest(100, 13), makeRequest(101, 1), makeRequest(102, 2, { smt: 'pairs' as const })];
    const state = makeHostState({ ...smallHost, usable: [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15] });
    expect(placeAll(kubeletPacked, requests, state).map(vm => vm !== null)).toEqual([true, true, false]);
  });
});

describe('kubeletUncore', () => {
  it('keeps within one cache what packed would begin wherever the fewest are free', () => {
    const state = makeHostState({ cores: [[4, 4]], usable: [1, 2, 3, 4, 5, 6, 7] });
    const four = [makeRequest(100, 4)];
    expect(cpusOf(placeAll(kubeletPacked, four, state))).toEqual([[1, 2, 3, 4]]);
    expect(cpusOf(placeAll(kubeletUncore, four, state))).toEqual([[4, 5, 6, 7]]);
  });
});

describe('kubeletDistributed', () => {
  it.each([
    { vcpus: 4, cpus: [0, 1, 8, 9] },
    { vcpus: 10, cpus: [0, 1, 2, 4, 5, 6, 8, 9, 12, 13] },
  ])('takes $vcpus CPUs in equal parts of as few nodes as do', ({ vcpus, cpus }) => {
    expect(cpusOf(placeAll(kubeletDistributed, [makeRequest(100, vcpus)], makeHostState(smallHost)))).toEqual([cpus]);
  });

  it('chooses among eight equal nodes the first four', () => {
    const state = makeHostState({ cores: Array.from({ length: 8 }, () => [16]), nodesPerPackage: 4 });
    const [vm] = placeAll(kubeletDistributed, [makeRequest(100, 64)], state);
    expect(vm?.allowed.ids).toEqual(Array.from({ length: 64 }, (_, cpu) => cpu));
  });
});

describe('the Topology Manager', () => {
  const policies = [kubeletBestEffort, kubeletRestricted, kubeletSingleNode];

  it.each([
    { what: 'a VM that fits a node', vcpus: 4, memoryMiB: 1024, admitted: [true, true, true] },
    { what: 'more CPUs than a node has', vcpus: 10, memoryMiB: 1024, admitted: [true, true, false] },
    { what: 'more memory than a node has', vcpus: 4, memoryMiB: 70_000, admitted: [true, true, false] },
    { what: 'more memory than the host has', vcpus: 4, memoryMiB: 140_000, admitted: [false, false, false] },
  ])('answers $what with best-effort, restricted and single-numa-node: $admitted', ({ vcpus, memoryMiB, admitted }) => {
    const state = makeHostState(smallHost);
    const answers = policies.map(({ place }) => place(makeRequest(100, vcpus, { memoryMiB }), state) !== null);
    expect(answers).toEqual(admitted);
  });

  it('refuses to span nodes when an empty node would do, but for best-effort', () => {
    const requests = [makeRequest(100, 5), makeRequest(101, 5), makeRequest(102, 5)];
    const admitted = policies.map(policy =>
      placeAll(policy, requests, makeHostState(smallHost)).map(vm => vm !== null),
    );
    expect(admitted).toEqual([
      [true, true, true],
      [true, true, false],
      [true, true, false],
    ]);
  });

  it('follows a device to its node', () => {
    const [vm] = placeAll(
      kubeletSingleNode,
      [makeRequest(100, 2, { deviceNode: numaNodeId(1) })],
      makeHostState(smallHost),
    );
    expect(vm?.cpus).toEqual([4, 12]);
    expect([...(vm?.memoryMiB ?? [])]).toEqual([[1, 1024]]);
  });

  it('binds memory to the agreed nodes, and goes where it is', () => {
    const state = makeHostState({ ...smallHost, freeMiB: [500, 4096] });
    const [vm] = placeAll(kubeletRestricted, [makeRequest(100, 2)], state);
    expect([...(vm?.memoryMiB ?? [])]).toEqual([[1, 1024]]);
  });

  it('does not start on more than eight nodes', () => {
    const state = makeHostState({ cores: Array.from({ length: 9 }, () => [2]) });
    expect(placeAll(kubeletBestEffort, [makeRequest(100, 2)], state)).toEqual([null]);
  });
});
