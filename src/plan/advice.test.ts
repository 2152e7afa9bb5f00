// What a plan says beside itself: a table with one host for each advice, and a host that needs none.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { makeContainer, makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { feasiblePlan, flatShape, type WishList } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';

const dedicated: WishList = { 100: { class: 'dedicated' } };
const ownCpuset = new Map([['lxc.cgroup2.cpuset.cpus', '4-5']]);

describe('makeAdvice()', () => {
  it.each<[string, Shape, readonly Guest[], WishList, readonly string[]]>([
    ['nothing where there is nothing to say', shapes.article, [makeVm(100, 2), makeVm(101, 2)], dedicated, []],
    ['that four cores are few', flatShape(4, 1), [makeVm(100, 2)], dedicated, ['advice-small-host']],
    ['nothing about few cores when nobody is placed', flatShape(4, 1), [makeVm(100, 2)], {}, []],
    [
      'that memory hotplug keeps the memory unbound',
      shapes.article,
      [makeVm(100, 2, { memoryHotplug: true })],
      dedicated,
      ['advice-memory-hotplug'],
    ],
    ['nothing about hotplug on one node', flatShape(6, 1), [makeVm(100, 2, { memoryHotplug: true })], dedicated, []],
    [
      'what bind means when memory is full',
      shapes.article,
      [makeVm(100, 2)],
      { 100: { class: 'dedicated', memory: 'bind' } },
      ['advice-bind'],
    ],
    [
      'which containers Proxmox no longer balances',
      shapes.article,
      [makeVm(100, 2), makeContainer(200, 2)],
      dedicated,
      ['advice-containers-balance'],
    ],
    [
      'nothing about a container that its operator had pinned already',
      shapes.article,
      [makeVm(100, 2), makeContainer(200, 2, { raw: ownCpuset })],
      dedicated,
      [],
    ],
  ])('says %s', (_, shape, guests, wishes, codes) => {
    const made = feasiblePlan(makeInventory(shape, guests), wishes, 0);
    expect(made.advice.map(({ code }) => code)).toEqual(codes);
  });
});
