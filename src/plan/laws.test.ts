// What holds of the best plan on every host: names change nothing, and more cores do no harm.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { AIMS } from '#domain/plan.ts';
import { runs } from '#fixtures/property-runs.ts';
import { planFor, type WishList } from '#fixtures/random-host.ts';
import type { Shape } from '#fixtures/shapes.ts';
import { anyTinyGuest, anyTinyShape, buildTiny, type TinyGuest } from '#fixtures/tiny-hosts.ts';

const RUNS = runs(40);

/** Guests that are nowhere yet: where they are has the names of CPUs and nodes in it. */
const anyStopped = fc
  .array(anyTinyGuest, { minLength: 1, maxLength: 3 })
  .map(guests => guests.map(guest => ({ ...guest, pins: [] })));

/** Values by aim; null when it is proved that there is no plan. */
function optimum({ inventory, wishes }: { inventory: Inventory; wishes: WishList }): readonly number[] | null {
  const made = planFor(inventory, wishes);
  if (made.kind === 'infeasible') {
    expect(made.proved).toBe(true);
    return null;
  }
  expect(made.proof).toEqual({ kind: 'optimal' });
  return made.aims.map(({ value }) => value);
}

/** The boot CPU stays where it is: the cores keep their order. */
function renameNodes(shape: Shape, names: readonly number[]): Shape {
  const of = (node: number) => names[node] ?? node;
  const nodes = shape.nodes.map(node => ({ ...node, id: of(node.id) })).sort((a, b) => a.id - b.id);
  const oldName = nodes.map(({ id }) => names.indexOf(id));
  const distances = oldName.map(from => oldName.map(to => shape.distances[from]?.[to] ?? 10));
  return { ...shape, nodes, distances, llcs: shape.llcs.map(llc => ({ ...llc, node: of(llc.node) })) };
}

const renameDevices = (guests: readonly TinyGuest[], names: readonly number[]): readonly TinyGuest[] =>
  guests.map(guest => ({ ...guest, device: guest.device === null ? null : (names[guest.device] ?? guest.device) }));

const isBetter = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
};

describe('the best plan', () => {
  it('costs the same when nodes have other numbers', () => {
    const anyNames = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    fc.assert(
      fc.property(anyTinyShape, anyStopped, anyNames, (shape, guests, all) => {
        const names = all.filter(name => name < shape.nodes.length);
        const renamed = buildTiny(renameNodes(shape, names), renameDevices(guests, names));
        expect(optimum(renamed)).toEqual(optimum(buildTiny(shape, guests)));
      }),
      RUNS,
    );
  });

  it('costs the same when CPUs have other numbers', () => {
    fc.assert(
      fc.property(anyTinyShape, anyStopped, (shape, guests) => {
        const other = shape.numbering === 'siblings-last' ? 'siblings-adjacent' : 'siblings-last';
        const renamed = buildTiny({ ...shape, numbering: other, offline: [] }, guests);
        expect(optimum(renamed)).toEqual(optimum(buildTiny({ ...shape, offline: [] }, guests)));
      }),
      RUNS,
    );
  });

  it('costs the same when guests have other VMIDs', () => {
    fc.assert(
      fc.property(anyTinyShape, fc.array(anyTinyGuest, { minLength: 2, maxLength: 3 }), (shape, guests) => {
        const { inventory, wishes } = buildTiny(shape, guests);
        const nameOf = (vmid: number) => vmId(999 - vmid);
        const renamed = {
          inventory: {
            ...inventory,
            guests: inventory.guests.map(guest => ({ ...guest, vmid: nameOf(guest.vmid) })).reverse(),
          },
          wishes: Object.fromEntries(Object.entries(wishes).map(([vmid, wish]) => [nameOf(Number(vmid)), wish])),
        };
        expect(optimum(renamed)).toEqual(optimum({ inventory, wishes }));
      }),
      RUNS,
    );
  });

  it('is no worse with one core more, but for what is measured from the largest node and cache', () => {
    const before = AIMS.indexOf('nodeFragmentation');
    let compared = 0;
    fc.assert(
      fc.property(anyTinyShape, anyStopped, fc.nat(), (shape, guests, pick) => {
        const at = pick % shape.llcs.length;
        const llcs = shape.llcs.map((llc, index) =>
          index === at
            ? { ...llc, cores: llc.cores.map((cores, n) => ({ ...cores, count: cores.count + (n === 0 ? 1 : 0) })) }
            : llc,
        );
        const small = optimum(buildTiny({ ...shape, offline: [] }, guests))?.slice(0, before);
        const large = optimum(buildTiny({ ...shape, offline: [], llcs }, guests))?.slice(0, before);
        if (small === undefined) return;
        compared++;
        expect(large).toBeDefined();
        expect(isBetter(small, large ?? [])).toBe(false);
      }),
      RUNS,
    );
    expect(compared).toBeGreaterThan(RUNS.numRuns / 4);
  });
});
