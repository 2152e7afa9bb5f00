// What a proof does when it is interrupted.
import { expect, it } from 'vitest';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { inputFor } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { NOT_SOLVED, type Solve } from './linear-model.ts';
import { makePlan, makeProvenPlan } from './make-plan.ts';

it('makeProvenPlan() asks nothing more once a question was given up, and keeps the plan that it has', async () => {
  const guests = Array.from({ length: 14 }, (_, index) => makeVm(100 + index, 1 + (index % 3)));
  const wishes = Object.fromEntries(guests.map(({ vmid }) => [vmid, { class: 'dedicated', smt: 'any' } as const]));
  const input = inputFor(makeInventory(shapes.article, guests), wishes, 1);
  let asked = 0;
  const giveUp: Solve = () => {
    asked++;
    return Promise.resolve(NOT_SOLVED);
  };
  const quick = makePlan(input);
  expect(quick).toMatchObject({ kind: 'plan', proof: { kind: 'unproved' } });
  expect(await makeProvenPlan(input, giveUp)).toEqual(quick);
  expect(asked).toBe(1);
});

it('makeProvenPlan() works less on later aims once an earlier one has stayed open', async () => {
  const guests = Array.from({ length: 14 }, (_, index) => makeVm(100 + index, 1 + (index % 3)));
  const wishes = Object.fromEntries(
    guests.map(({ vmid }, index) => [
      vmid,
      index < 10 ? ({ class: 'dedicated', smt: 'any' } as const) : ({ class: 'confined', span: 'llc' } as const),
    ]),
  );
  const asked: number[] = [];
  const learnNothing: Solve = (_, { nodes }) => {
    asked.push(nodes);
    return Promise.resolve({ kind: 'stopped', bound: 0, values: null });
  };
  await makeProvenPlan(inputFor(makeInventory(shapes.article, guests), wishes, 1), learnNothing);
  expect(asked.at(-1)).toBe(200);
});
