// The rung `confine` on a captured host: the agent keeps units off dedicated CPUs, and undo knows what it has done.
import { describe, expect, it } from 'vitest';
import { CGROUP, effectiveOf, LEFT, makeConfineTree } from '#fixtures/confine-tree.ts';
import { makeReconciler } from './reconciler.ts';

describe('with the rung confine, the agent', () => {
  it('confines again what somebody has let out, or a boot has, and leaves what is confined further', async () => {
    const tree = makeConfineTree();
    await tree.apply();
    const agent = makeReconciler(tree.host, 'pve1');
    expect((await agent.runPass()).repaired).toEqual([]);
    tree.host.writeKernelFile(`/${CGROUP}/system.slice/cpuset.cpus`, '0-31');
    tree.host.writeKernelFile(`/${CGROUP}/init.scope/cpuset.cpus`, '0,5');
    expect((await tree.verify()).findings).toContainEqual(
      expect.objectContaining({ code: 'unit-intrudes', unit: 'system.slice' }),
    );
    expect((await agent.runPass()).repaired).toMatchObject([{ kind: 'unit', unit: 'system.slice' }]);
    expect(effectiveOf(tree, 'system.slice')).toBe(LEFT);
    expect(effectiveOf(tree, 'init.scope')).toBe('0,5');
  });
});

describe('undo', () => {
  it('gives back units too that came later, and that the agent has confined, but not those that somebody else has', async () => {
    const tree = makeConfineTree();
    await tree.apply();
    for (const unit of ['user.slice', 'machine.slice']) {
      tree.host.makeCgroup(`/${CGROUP}/${unit}`);
      tree.host.replaceFile(`/${CGROUP}/${unit}/cgroup.controllers`, 'cpuset cpu\n');
    }
    await makeReconciler(tree.host, 'pve1').runPass();
    expect(effectiveOf(tree, 'user.slice')).toBe(LEFT);
    tree.host.writeKernelFile(`/${CGROUP}/machine.slice/cpuset.cpus`, '0,5-6');
    await tree.undo();
    expect(effectiveOf(tree, 'user.slice')).toBe('0-31');
    expect(effectiveOf(tree, 'machine.slice')).toBe('0,5-6');
  });
});
