// The agent and interrupts that appear while a guest runs.
import { expect, it } from 'vitest';
import { guestCpus, interruptCpus, makeInterruptTree } from '#fixtures/interrupt-tree.ts';
import { makeReconciler } from './reconciler.ts';

it('the agent brings interrupts of passthrough devices to their guest when they appear, and none of the host', async () => {
  const tree = makeInterruptTree();
  await tree.apply();
  const agent = makeReconciler(tree.host, 'pve1');
  expect((await agent.runPass()).repaired).toEqual([]);
  tree.host.replaceFile('/proc/irq/41/smp_affinity_list', '0-31\n');
  tree.host.replaceFile('/proc/irq/25/smp_affinity_list', '0-31\n');
  expect((await agent.runPass()).repaired).toMatchObject([{ kind: 'interrupts', vmid: 101, irqs: [41] }]);
  expect(interruptCpus(tree, 41)).toBe(await guestCpus(tree));
  expect(interruptCpus(tree, 25)).toBe('0-31');
  expect((await agent.runPass()).repaired).toEqual([]);
});
