// What the search for any arrangement at all does when it is interrupted.
import { expect, it } from 'vitest';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { inputFor } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeDemands } from './demand.ts';
import { findArrangement } from './find-arrangement.ts';
import { makeHostModel } from './host-model.ts';
import { makeHousekeeping } from './housekeeping.ts';
import { NOT_SOLVED, type Solve } from './linear-model.ts';

it('findArrangement() asks nothing more once a question was given up, and claims nothing', async () => {
  const guests = Array.from({ length: 4 }, (_, index) => makeVm(100 + index, 3));
  const wishes = Object.fromEntries(guests.map(({ vmid }) => [vmid, { class: 'dedicated', smt: 'any' } as const]));
  const inventory = makeInventory(shapes.article, guests);
  const input = inputFor(inventory, wishes);
  const demands = makeDemands(inventory, input.wishes, 'any');
  const host = makeHostModel(inventory, makeHousekeeping(input, input.housekeeping), demands);
  let asked = 0;
  const giveUp: Solve = () => {
    asked++;
    return Promise.resolve(NOT_SOLVED);
  };
  expect(await findArrangement({ demands, host, memoryMiB: new Map(), mostMoves: null }, giveUp)).toBe('unknown');
  expect(asked).toBe(1);
});
