// Interrupts on a captured host: planned, moved, judged, put back.
import { describe, expect, it } from 'vitest';
import { encodeInspect } from '#contract/inspect.ts';
import { planFileJson } from '#contract/plan.ts';
import { encodeJson, parseJson } from '#contract/read-json.ts';
import { parseCpuList, parseCpuMask } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { reservedCpus } from '#domain/placement.ts';
import type { Plan } from '#domain/plan.ts';
import type { BerthTree } from '#fixtures/berth-tree.ts';
import {
  DEVICE_INTERRUPTS,
  guestCpus,
  HOST_INTERRUPTS,
  interruptCpus,
  makeInterruptTree,
} from '#fixtures/interrupt-tree.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { checkPlan } from '#verify/check-plan.ts';

const cpuPath = (irq: number): string => `/proc/irq/${irq}/smp_affinity_list`;

/** A kernel that answers a write for this interrupt with a failure. */
function refusing(host: Host, irq: number, reason: HostError['reason']): Host {
  return {
    ...host,
    writeKernelFile: (path, text) => {
      if (path === cpuPath(irq)) throw new HostError(reason, `Cannot write "${text}" to ${path}`);
      host.writeKernelFile(path, text);
    },
  };
}

const applyOn = (tree: BerthTree, host: Host, plan?: Plan) => tree.apply(plan, { context: { host, qm: null } });

async function interruptCodes(tree: BerthTree): Promise<readonly string[]> {
  const { findings } = await tree.verify();
  return findings.filter(({ code }) => code.includes('interrupts')).map(({ code, severity }) => `${severity} ${code}`);
}

describe('interrupts', () => {
  it("of the host leave dedicated CPUs, those of a guest's devices go to its vCPUs, and undo puts all back", async () => {
    const tree = makeInterruptTree();
    const before = tree.files();
    await tree.apply();
    const { inventory } = await tree.state();
    if (inventory.placement === null) throw new Error('no placement is in force');
    const reserved = cpuSet(reservedCpus(inventory.placement, inventory.topology).keys());
    const others = parseCpuList('0-31').difference(reserved);
    for (const irq of HOST_INTERRUPTS.keys()) expect(parseCpuList(interruptCpus(tree, irq))).toEqual(others);
    for (const irq of DEVICE_INTERRUPTS.keys()) expect(interruptCpus(tree, irq)).toBe(await guestCpus(tree));
    expect(parseCpuMask(tree.host.read('/proc/irq/default_smp_affinity') ?? '')).toEqual(others);
    expect(await interruptCodes(tree)).toEqual([]);
    expect(() => encodeInspect(inventory)).not.toThrow();
    expect(await tree.apply()).toEqual({ kind: 'nothing' });

    expect((await tree.undo()).state).toBe('done');
    for (const irq of [...HOST_INTERRUPTS.keys(), ...DEVICE_INTERRUPTS.keys()]) {
      expect(interruptCpus(tree, irq)).toBe('0-31');
    }
    expect(parseCpuMask(tree.host.read('/proc/irq/default_smp_affinity') ?? '')).toEqual(parseCpuList('0-31'));
    const changed = [...tree.files()].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(changed.filter(path => path.startsWith('/proc/irq/') && !path.endsWith('default_smp_affinity'))).toEqual([]);
  });

  it('of the host stay where they are unless the policy says otherwise', async () => {
    const tree = makeInterruptTree('leave');
    await tree.apply();
    for (const irq of HOST_INTERRUPTS.keys()) expect(interruptCpus(tree, irq)).toBe('0-31');
    for (const irq of DEVICE_INTERRUPTS.keys()) expect(interruptCpus(tree, irq)).toBe(await guestCpus(tree));
    expect(await interruptCodes(tree)).toEqual([]);
  });

  it.each(['denied', 'failed'] as const)(
    'that the kernel places itself (%s) are named, and not asked for again',
    async reason => {
      const tree = makeInterruptTree();
      const result = await applyOn(tree, refusing(tree.host, 24, reason));
      const steps = result.kind === 'ran' ? result.entry.steps : [];
      expect(result).toMatchObject({ kind: 'ran', entry: { state: 'done' } });
      expect(steps.find(({ record }) => record.kind === 'interrupts' && record.vmid === null)).toMatchObject({
        record: { stayed: [{ irq: 24, name: 'nvme0q0', cause: 'fixed' }] },
      });
      expect(interruptCpus(tree, 24)).toBe('0-31');
      expect(interruptCpus(tree, 25)).not.toBe('0-31');
      expect(await interruptCodes(tree)).toEqual(['note interrupts-on-dedicated']);
      expect(await tree.apply()).toEqual({ kind: 'nothing' });
    },
  );

  it('for which the new CPUs have no vector left are named, and asked for again', async () => {
    const tree = makeInterruptTree();
    expect(await applyOn(tree, refusing(tree.host, 25, 'refused'))).toMatchObject({ entry: { state: 'done' } });
    expect(await interruptCodes(tree)).toEqual(['warning interrupts-on-dedicated']);
    await tree.apply();
    expect(await interruptCodes(tree)).toEqual([]);
  });

  it('that somebody has moved since, or that are gone, are left by undo and named', async () => {
    const tree = makeInterruptTree();
    await tree.apply();
    tree.host.replaceFile(cpuPath(25), '7\n');
    tree.edit('/proc/interrupts', 'nvme0q0', 'nvme1q3');
    const undone = await tree.undo();
    expect(undone.state).toBe('done');
    expect(interruptCpus(tree, 25)).toBe('7');
    expect(interruptCpus(tree, 24)).not.toBe('0-31');
    expect(interruptCpus(tree, 26)).toBe('0-31');
    const host = undone.steps.find(({ record }) => record.kind === 'interrupts' && record.vmid === null);
    expect(host?.record).toMatchObject({
      stayed: [
        { irq: 24, cause: 'gone' },
        { irq: 25, cause: 'foreign' },
      ],
    });
  });

  it("of a guest's device that come on other CPUs are a deviation", async () => {
    const tree = makeInterruptTree();
    await tree.apply();
    tree.host.replaceFile(cpuPath(40), '0\n');
    expect(await interruptCodes(tree)).toEqual(['warning guest-interrupts']);
  });

  it('in an edited plan are refused: other vectors, other CPUs, none at all', async () => {
    type Change = Extract<Plan['changes'][number], { kind: 'interrupts' }>;
    const withVector = (change: Change, more: Partial<Change['vectors'][number]>): Change => ({
      ...change,
      vectors: change.vectors.map((vector, index) => (index === 0 ? { ...vector, ...more } : vector)),
    });
    const edits: readonly ((change: Change) => Change)[] = [
      change => withVector(change, { name: 'eth1' }),
      change => withVector(change, { irq: 99 }),
      change => withVector(change, { before: cpuSet([1]) }),
      change => withVector(change, { after: cpuSet([0]) }),
      change => withVector(change, { after: cpuSet() }),
      change => ({ ...change, forNew: { before: cpuSet([0, 1]), after: cpuSet() } }),
    ];
    const tree = makeInterruptTree();
    const [plan, state] = [await tree.plan(), await tree.state()];
    expect(checkPlan(plan, state.inventory, state)).toEqual([]);
    const file = { schema: 'berth/plan/1' as const, simulated: true, ...plan };
    expect(parseJson(planFileJson, encodeJson(planFileJson, file), 'plan').changes).toEqual(plan.changes);
    for (const edit of edits) {
      for (const about of [null, 101]) {
        const changes = plan.changes.map(change =>
          change.kind === 'interrupts' && change.vmid === about ? edit(change) : change,
        );
        const code = about === null ? 'plan-interrupts-wrong' : 'plan-change-wrong';
        expect(checkPlan({ ...plan, changes }, state.inventory, state)).toContainEqual(
          expect.objectContaining({ code }),
        );
      }
    }
  });
});
