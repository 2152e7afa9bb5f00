// Cores for the host, in every node or together; and how many it needs.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import type { Inventory } from '#domain/inventory.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { feasiblePlan, type WishList } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { makeReservation } from './reservation.ts';
import { reserveCores, type Spread } from './reserve-cores.ts';

describe('reserveCores()', () => {
  it.each<[string, Shape, number, Spread, string]>([
    ['no core', shapes.article, 0, 'each-node', ''],
    ['the boot core first', shapes.article, 1, 'together', '0,16'],
    ['one node after the other', shapes.article, 9, 'together', '0-8,16-24'],
    ['a core of each node in turn', shapes.article, 3, 'each-node', '0-1,8,16-17,24'],
    ['all cores where more are asked for', shapes.tiny, 99, 'each-node', '0-1'],
    ['efficiency cores after the boot core', shapes.hybrid, 3, 'together', '0-1,16-17'],
    ['the die without the large cache', shapes['ryzen-x3d'], 2, 'together', '8-9,24-25'],
  ])('takes %s', (_, shape, count, spread, cpus) => {
    expect(encodeIdList(reserveCores(makeInventory(shape, []).topology, count, spread))).toBe(cpus);
  });
});

describe('a plan', () => {
  const codes = (wishes: WishList, coresPerNode: number | null) =>
    feasiblePlan(makeInventory(shapes.article, [makeVm(100, 2)]), wishes, coresPerNode).advice.map(({ code }) => code);

  it('says what the host needs while nobody has said it and nobody is dedicated', () => {
    expect(codes({}, null)).toEqual(['advice-reservation']);
    expect(codes({}, 1)).toEqual([]);
    expect(codes({ 100: { class: 'dedicated' } }, null)).toEqual([]);
  });
});

describe('makeReservation()', () => {
  const reserve = (shape: Shape, more: Partial<Inventory> = {}) => {
    const made = makeReservation({ inventory: { ...makeInventory(shape, []), ...more }, wishes: new Map() });
    if (made === null) return null;
    const { eachNode, together, ...counts } = made;
    return { ...counts, eachNode: encodeIdList(eachNode), together: encodeIdList(together) };
  };

  it('says nothing of a host that has no cores to give', () => {
    expect(reserve(shapes.tiny)).toBeNull();
  });

  it('is what a plan keeps, and as much in one node', () => {
    expect(reserve(shapes.article)).toEqual({
      ...{ usual: 2, storage: 0, network: null },
      ...{ eachNode: '0,8,16,24', together: '0-1,16-17' },
    });
  });

  it('counts storage daemons, pools and fast links', () => {
    const more = { storage: { cephDaemons: 2, zfsPools: 1 }, networkMbit: 50_000 };
    expect(reserve(shapes.article, more)).toMatchObject({ usual: 2, storage: 3, network: 2 });
  });

  it('counts no link of an ordinary speed', () => {
    expect(reserve(shapes.article, { networkMbit: 20_000 })).toMatchObject({ network: 0 });
  });

  it('leaves half of the host to guests', () => {
    expect(reserve(shapes.article, { networkMbit: 4_000_000 })).toMatchObject({ network: 6 });
  });

  it('is the same twice on a host of one node', () => {
    const made = reserve(shapes['ryzen-x3d']);
    expect(made?.together).toBe(made?.eachNode);
  });
});
