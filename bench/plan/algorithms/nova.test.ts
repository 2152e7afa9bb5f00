// Tests of Nova's placement; `npm run conform -- peers` compares it with Nova's own tests.
import { describe, expect, it } from 'vitest';
import { numaNodeId } from '#domain/ids.ts';
import { cpusOf, makeHostState, makeRequest, placeAll } from '../small-hosts.ts';
import { novaPack, novaSpread } from './nova.ts';

const twoNodes = { cores: [[4], [4]] };
const withSiblings = { ...twoNodes, threads: 2 as const };

describe('novaSpread and novaPack', () => {
  const requests = [makeRequest(100, 2), makeRequest(101, 2)];

  it('go to the emptiest node, or to the fullest', () => {
    const nodes = [novaSpread, novaPack].map(nova => cpusOf(placeAll(nova, requests, makeHostState(twoNodes))));
    expect(nodes).toEqual([
      [
        [0, 1],
        [4, 5],
      ],
      [
        [0, 1],
        [2, 3],
      ],
    ]);
  });

  it('try the node of a device first and take no other', () => {
    const [vm] = placeAll(novaPack, [makeRequest(100, 2, { deviceNode: numaNodeId(1) })], makeHostState(twoNodes));
    expect(vm?.cpus).toEqual([4, 5]);
    const full = [makeRequest(100, 4), makeRequest(101, 2, { deviceNode: numaNodeId(0) })];
    expect(cpusOf(placeAll(novaSpread, full, makeHostState(twoNodes)))[1]).toBeNull();
  });

  it('give each guest node a host node, vCPUs and memory in equal parts', () => {
    const [vm] = placeAll(novaSpread, [makeRequest(100, 6, { guestNodes: 2 })], makeHostState(twoNodes));
    expect(vm?.cpus).toEqual([0, 1, 2, 4, 5, 6]);
    expect([...(vm?.memoryMiB ?? [])]).toEqual([
      [0, 512],
      [1, 512],
    ]);
  });

  it.each([
    ['more vCPUs than a node has', makeRequest(100, 5)],
    ['more memory than a node has', makeRequest(100, 1, { memoryMiB: 70_000 })],
    ['vCPUs that do not divide by the guest nodes', makeRequest(100, 3, { guestNodes: 2 })],
    ['memory that does not', makeRequest(100, 4, { guestNodes: 2, memoryMiB: 1025 })],
    ['more guest nodes than host nodes', makeRequest(100, 3, { guestNodes: 3, memoryMiB: 1023 })],
  ])('refuse %s', (_, request) => {
    expect(placeAll(novaSpread, [request], makeHostState(twoNodes))).toEqual([null]);
  });
});

describe('thread policies', () => {
  it.each([
    { smt: 'any' as const, cpus: [0, 1, 8] },
    { smt: 'pairs' as const, cpus: [0, 1, 8] },
    { smt: 'isolate' as const, cpus: [0, 1, 2] },
  ])('of $smt give three vCPUs $cpus', ({ smt, cpus }) => {
    expect(cpusOf(placeAll(novaSpread, [makeRequest(100, 3, { smt })], makeHostState(withSiblings)))).toEqual([cpus]);
  });

  it('prefer takes single threads where whole cores are too few, require refuses', () => {
    const state = makeHostState({ ...withSiblings, usable: [0, 1, 2, 3, 8, 9] });
    const answers = (['any', 'pairs'] as const).map(smt =>
      cpusOf(placeAll(novaSpread, [makeRequest(100, 5, { smt })], state)),
    );
    expect(answers).toEqual([[[0, 1, 2, 8, 9]], [null]]);
  });

  it('isolate leaves the siblings idle and needs whole cores', () => {
    const isolated = [
      makeRequest(100, 4, { smt: 'isolate' as const }),
      makeRequest(101, 4, { smt: 'isolate' as const }),
    ];
    const requests = [...isolated, makeRequest(102, 1)];
    expect(cpusOf(placeAll(novaSpread, requests, makeHostState(withSiblings)))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      null,
    ]);
  });

  it('require becomes prefer on a host without siblings', () => {
    const pairs = [makeRequest(100, 2, { smt: 'pairs' as const })];
    expect(cpusOf(placeAll(novaSpread, pairs, makeHostState(twoNodes)))).toEqual([[0, 1]]);
  });
});
