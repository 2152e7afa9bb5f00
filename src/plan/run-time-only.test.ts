// Guests that are placed at run time only: their configs name nothing of this host.
import { describe, expect, it } from 'vitest';
import type { VmGuest } from '#domain/guest.ts';
import type { Change, Plan } from '#domain/plan.ts';
import type { GuestPolicy } from '#domain/policy.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { afterApply, feasiblePlan, flatShape } from '#fixtures/random-host.ts';

const DEDICATED = { class: 'dedicated' } as const;
const RUNTIME = { ...DEDICATED, config: 'runtime' } as const;

const hostWith = (more: Partial<VmGuest> = {}, vcpus = 2) =>
  makeInventory(flatShape(4, 2), [makeVm(100, vcpus, { memoryMiB: 2048, ...more })]);

const edits = (made: Plan): Record<string, string | null> =>
  Object.fromEntries(
    made.changes
      .filter((change): change is Extract<Change, { kind: 'config' }> => change.kind === 'config')
      .flatMap(change => change.edits.map(({ key, after }) => [key, after] as const)),
  );

const plan = (wish: Partial<GuestPolicy>, more: Partial<VmGuest> = {}, vcpus = 2) =>
  feasiblePlan(hostWith(more, vcpus), { 100: wish });

const codes = (made: Plan) => made.advice.map(({ code }) => code);

describe('makePlan() for a guest that is placed at run time only', () => {
  it('writes nothing of the host into its config, and places it all the same', () => {
    const written = plan(DEDICATED);
    const made = plan(RUNTIME);
    expect(edits(written)).toMatchObject({ numa0: expect.stringContaining('hostnodes=') });
    expect(edits(made)).toEqual({});
    expect(made.placement.guests[0]?.vcpus).toEqual(written.placement.guests[0]?.vcpus);
    expect(made.explanations[0]?.reasons).toContainEqual({ kind: 'run-time-only' });
  });

  it('gives a guest that spans nodes as many of its own, bound to none of the host', () => {
    expect(edits(plan(RUNTIME, {}, 6))).toEqual({
      numa: '1',
      numa0: 'cpus=0-2,memory=1024',
      numa1: 'cpus=3-5,memory=1024',
    });
  });

  it('takes back what an earlier plan had written', () => {
    const inventory = hostWith();
    const written = afterApply(inventory, feasiblePlan(inventory, { 100: DEDICATED }));
    expect(edits(feasiblePlan(written, { 100: RUNTIME }))).toMatchObject({ affinity: null, numa: null, numa0: null });
  });

  it('leaves what the operator wrote, and says that it will go along', () => {
    const own = {
      raw: new Map([
        ['affinity', '2-3'],
        ['numa', '1'],
        ['numa0', 'cpus=0-1,memory=2048,hostnodes=1,policy=bind'],
      ]),
    };
    const made = plan(RUNTIME, own);
    expect(edits(made)).toEqual({});
    expect(made.advice).toContainEqual(
      expect.objectContaining({ code: 'advice-own-keys-travel', vmid: 100, keys: ['affinity', 'numa0'] }),
    );
  });

  it('says that memory cannot be bound that way, nor hugepages be had', () => {
    expect(codes(plan({ ...RUNTIME, memory: 'bind' }))).toContain('advice-not-bound');
    const made = plan({ ...RUNTIME, hugepages: '2M' });
    expect(made.advice).toContainEqual(expect.objectContaining({ code: 'advice-hugepages', obstacle: 'runtime' }));
    expect(edits(made)).toEqual({});
  });

  it('keeps a shared guest of that kind out of its config too', () => {
    const inventory = makeInventory(flatShape(4, 2), [makeVm(100, 2), makeVm(101, 2)]);
    const made = feasiblePlan(inventory, { 100: DEDICATED, 101: { config: 'runtime' } });
    const changed = made.changes.filter(({ kind, vmid }) => kind === 'config' && vmid === 101);
    expect(changed).toEqual([]);
    expect(made.placement.guests.find(({ vmid }) => vmid === 101)?.config).toBe('runtime');
  });

  it('makes no more changes once it is applied', () => {
    const inventory = hostWith({}, 6);
    const wishes = { 100: { ...RUNTIME, strict: true } };
    const after = afterApply(inventory, feasiblePlan(inventory, wishes));
    expect(feasiblePlan(after, wishes).changes).toEqual([]);
  });
});
