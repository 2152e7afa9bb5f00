// Tests of the floor: a VM that may run anywhere.
import { describe, expect, it } from 'vitest';
import { cpusOf, makeHostState, makeRequest, placeAll } from '../small-hosts.ts';
import { noPinning } from './no-pinning.ts';

const twoNodes = { cores: [[2], [2]], threads: 2 as const };

describe('noPinning', () => {
  it('allows every usable CPU and says that the CPUs were chosen for it', () => {
    const state = makeHostState({ ...twoNodes, usable: [1, 2, 3, 5, 6, 7] });
    const [vm] = placeAll(noPinning, [makeRequest(100, 2)], state);
    expect(vm).toMatchObject({ completed: true, cpus: [1, 5] });
    expect(vm?.allowed.ids).toEqual([1, 2, 3, 5, 6, 7]);
  });

  it.each([
    { smt: 'any' as const, cpus: [0, 1, 4] },
    { smt: 'pairs' as const, cpus: [0, 1, 4] },
    { smt: 'isolate' as const, cpus: [0, 1, 2] },
  ])('runs three vCPUs with $smt on $cpus', ({ smt, cpus }) => {
    expect(cpusOf(placeAll(noPinning, [makeRequest(100, 3, { smt })], makeHostState(twoNodes)))).toEqual([cpus]);
  });

  it('takes free CPUs first, then shares', () => {
    const requests = [makeRequest(100, 6), makeRequest(101, 4)];
    expect(cpusOf(placeAll(noPinning, requests, makeHostState(twoNodes)))).toEqual([
      [0, 1, 2, 4, 5, 6],
      [0, 1, 3, 7],
    ]);
  });

  it('leaves the siblings of an isolated VM alone while it can', () => {
    const requests = [makeRequest(100, 2, { smt: 'isolate' }), makeRequest(101, 2)];
    expect(cpusOf(placeAll(noPinning, requests, makeHostState(twoNodes)))).toEqual([
      [0, 1],
      [2, 6],
    ]);
  });

  it('takes memory where the vCPUs are, and near by where that is full', () => {
    const state = makeHostState({ ...twoNodes, freeMiB: [1000, 4000] });
    const [vm] = placeAll(noPinning, [makeRequest(100, 4, { memoryMiB: 3000 })], state);
    expect([...(vm?.memoryMiB ?? [])]).toEqual([
      [0, 1000],
      [1, 2000],
    ]);
  });

  it('refuses only when the memory of the whole host is too little', () => {
    const state = makeHostState({ ...twoNodes, freeMiB: [1000, 1000] });
    expect(placeAll(noPinning, [makeRequest(100, 1, { memoryMiB: 2001 })], state)).toEqual([null]);
  });
});
