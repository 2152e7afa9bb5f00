// The cases on which placing one guest after the other goes wrong: the optimum worked out by hand, proved and sound.
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { unionOf } from '#domain/id-set.ts';
import type { Plan } from '#domain/plan.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { type MicroCase, microCases } from '#fixtures/micro-cases.ts';
import { feasiblePlan, planFor } from '#fixtures/random-host.ts';

const caseOf = (title: string): MicroCase => {
  const found = microCases.find(micro => micro.title.includes(title));
  if (!found) throw new Error(`no case is called ${title}`);
  return found;
};
const planOf = ({ shape, guests, wishes }: MicroCase): Plan => feasiblePlan(makeInventory(shape, guests), wishes);
const cpusOf = (made: Plan, vmid: number): string => {
  const guest = made.placement.guests.find(candidate => candidate.vmid === vmid);
  return encodeIdList(unionOf(guest?.vcpus ?? []));
};

describe('makePlan()', () => {
  it.each(microCases.map(micro => [micro.title, micro] as const))('finds the optimum for %s', (_, micro) => {
    const made = planOf(micro);
    const aims = made.aims.filter(({ value }) => value !== 0).map(({ aim, value }) => [aim, value]);
    expect(Object.fromEntries(aims)).toEqual(micro.optimum);
    expect(made.proof).toEqual({ kind: 'optimal' });
  });

  it('leaves the whole cache to the guest that fits into it', () => {
    expect(cpusOf(planOf(caseOf('6 and 4 vCPUs')), 101)).toBe('7-10');
  });

  it('moves one guest out of the way of a device, the other stays on its CPUs', () => {
    const made = planOf(caseOf('a device on a node'));
    expect([100, 101].map(vmid => cpusOf(made, vmid)).filter(cpus => ['1-4', '5-8'].includes(cpus))).toHaveLength(1);
  });

  it('keeps the containers off the cores of the game', () => {
    const made = planOf(caseOf('a game of 6 vCPUs'));
    expect(cpusOf(made, 100)).toBe('2,4,6,8,10,12');
    const containers = made.placement.guests.filter(({ kind }) => kind === 'container');
    expect(containers.map(({ affinity }) => encodeIdList(affinity))).toEqual(['14-15', '16-17', '18-19', '20-21']);
  });

  it('has no plan for hugepages on two guests when only one node has a number of one digit', () => {
    const { shape, wishes } = caseOf('number 12');
    const guests = [100, 101].map(vmid => makeVm(vmid, 4, { hugepages: '2' }));
    expect(planFor(makeInventory(shape, guests), wishes)).toMatchObject({ kind: 'infeasible', proved: true });
  });
});
