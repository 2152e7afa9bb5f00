// The rung `confine` on a captured host: everything else leaves dedicated CPUs, and undo restores every byte.
import { describe, expect, it } from 'vitest';
import { CGROUP, CONFINE_POLICY, effectiveOf, LEFT, makeConfineTree } from '#fixtures/confine-tree.ts';

const cpusetOf = (unit: string, cpus: string, effective: string): Record<string, string> => ({
  [`${CGROUP}/${unit}/cpuset.cpus`]: `${cpus}\n`,
  [`${CGROUP}/${unit}/cpuset.cpus.effective`]: `${effective}\n`,
});

describe('an apply with the rung confine', () => {
  it('keeps every unit but that of VMs off dedicated CPUs, and its undo restores every byte', async () => {
    const tree = makeConfineTree();
    const before = tree.files();
    expect(await tree.apply()).toMatchObject({ entry: { state: 'done' } });
    for (const unit of ['init.scope', 'system.slice', 'lxc.monitor']) expect(effectiveOf(tree, unit)).toBe(LEFT);
    expect(effectiveOf(tree, 'qemu.slice')).toBe('0-31');
    expect((await tree.plan()).changes).toEqual([]);
    expect((await tree.verify()).findings.map(({ code }) => code)).not.toContain('unit-intrudes');
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(tree.files()).toEqual(before);
  });

  it('leaves a unit no more than its configuration gives it, and gives it that back', async () => {
    const tree = makeConfineTree({
      'etc/systemd/system/system.slice.d/cpus.conf': '[Slice]\nAllowedCPUs=0 2-7\n',
      [`${CGROUP}/cgroup.subtree_control`]: 'cpuset\n',
      ...cpusetOf('system.slice', '0,2-7', '0,2-7'),
      ...cpusetOf('init.scope', '', '0-31'),
      ...cpusetOf('lxc.monitor', '', '0-31'),
    });
    expect(await tree.apply()).toMatchObject({ entry: { state: 'done' } });
    expect(effectiveOf(tree, 'system.slice')).toBe('0,5-7');
    await tree.undo();
    expect(effectiveOf(tree, 'system.slice')).toBe('0,2-7');
  });

  it('gives everything back when the policy changes its mind', async () => {
    const tree = makeConfineTree();
    await tree.apply();
    tree.setPolicy(CONFINE_POLICY.replace('confine', 'none'));
    await tree.apply();
    expect(effectiveOf(tree, 'system.slice')).toBeUndefined();
    expect((await tree.plan()).changes).toEqual([]);
  });

  it.each([
    ['old-kernel', { 'proc/sys/kernel/osrelease': '6.1.0-51-amd64\n' }],
    ['no-cgroup2', { [`${CGROUP}/cgroup.controllers`]: 'cpu io memory\n' }],
  ])('is left out, with the reason %s', async (reason, more) => {
    const tree = makeConfineTree(more);
    const plan = await tree.plan();
    expect(plan.placement.isolation).toBe('none');
    expect(plan.changes.filter(({ kind }) => kind === 'unit')).toEqual([]);
    expect(plan.advice).toContainEqual(expect.objectContaining({ code: 'advice-no-confine', reason }));
  });

  it('is refused when a step of the plan names what is no unit, or other CPUs', async () => {
    const tree = makeConfineTree();
    const plan = await tree.plan();
    const changes = plan.changes.map(change => (change.kind === 'unit' ? { ...change, unit: 'qemu.slice' } : change));
    expect(await tree.apply({ ...plan, changes })).toMatchObject({ kind: 'unsound' });
    const others = plan.changes.map(change => (change.kind === 'unit' ? { ...change, after: null } : change));
    expect(await tree.apply({ ...plan, changes: others })).toMatchObject({ kind: 'unsound' });
  });
});

describe('services that ask for CPUs themselves', () => {
  it.each<[string, Readonly<Record<string, string>>, unknown]>([
    [
      'CPUAffinity= within dedicated CPUs',
      { 'etc/systemd/system/dpdk.service': '[Service]\nCPUAffinity=2 3\n' },
      [{ unit: 'dpdk.service', key: 'CPUAffinity' }],
    ],
    [
      'AllowedCPUs= of a drop-in within them',
      { 'etc/systemd/system/dpdk.service.d/cpus.conf': '[Service]\nAllowedCPUs=17-20\n' },
      [{ unit: 'dpdk.service', key: 'AllowedCPUs' }],
    ],
    ['others too', { 'etc/systemd/system/dpdk.service': '[Service]\nCPUAffinity=2 9\n' }, []],
    ['none', { 'etc/systemd/system/dpdk.service': '[Service]\nCPUAffinity=\n' }, []],
    ['those of a node', { 'etc/systemd/system/dpdk.service': '[Service]\nCPUAffinity=numa\n' }, []],
    ['CPUs in a comment', { 'etc/systemd/system/dpdk.service': '#CPUAffinity=2\n' }, []],
  ])('are named beforehand: %s', async (_, more, expected) => {
    const { advice } = await makeConfineTree(more).plan();
    expect(advice.filter(({ code }) => code === 'advice-unit-conflict')).toMatchObject(expected as object);
  });
});
