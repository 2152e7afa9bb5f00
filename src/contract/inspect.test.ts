// The JSON of `berth inspect`: what it says of a host, and what it leaves out.
import { expect, it } from 'vitest';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { encodeInspect } from './inspect.ts';

it('encodeInspect() leaves out what only the planner asks for', () => {
  const inventory = makeInventory(shapes.article, [makeVm(100, 2)]);
  const asked = {
    ...inventory,
    units: [],
    unitWishes: [],
    confine: 'trusted' as never,
    layers: { settings: [], boundThreads: [] },
  };
  expect(encodeInspect(asked)).toEqual(encodeInspect(inventory));
});

it('encodeInspect() says what the network links can carry', () => {
  const inventory = makeInventory(shapes.article, []);
  expect(encodeInspect({ ...inventory, networkMbit: 20_000, ksmKey: 'known' })).toMatchObject({ networkMbit: 20_000 });
});
