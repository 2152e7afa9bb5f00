// Laws of the seeded guests: the same every time, within what was asked for, on every captured shape of host.
import { describe, expect, it } from 'vitest';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeBenchHost } from './bench-hosts.ts';
import { makeCases } from './make-cases.ts';
import { guestsAtTheEnd } from './plan-case.ts';

/** Captured machines with fewer CPUs take no part either. */
const hosts = Object.entries(shapes)
  .map(([name, shape]) => makeBenchHost(name, makeInventory(shape, []).topology))
  .filter(({ topology }) => topology.online.size >= 8);

describe('makeCases()', () => {
  it.each(hosts.map(host => [host.name, host] as const))('asks %s for no more than it has', (_, host) => {
    const usable = host.topology.online.difference(host.housekeeping).size;
    const availableMiB = host.memory.reduce((sum, node) => sum + node.availableMiB, 0);
    for (const planCase of makeCases(host)) {
      const vms = guestsAtTheEnd(planCase);
      expect(vms.reduce((sum, vm) => sum + vm.vcpus, 0)).toBeLessThanOrEqual(usable);
      expect(new Set(vms.map(({ vmid }) => vmid)).size).toBe(vms.length);
      for (const vm of vms) {
        expect(vm.vcpus).toBeGreaterThan(0);
        expect(vm.memoryMiB).toBeLessThanOrEqual(availableMiB);
        expect(vm.guestNodes).toBeGreaterThan(0);
      }
    }
  });

  it('gives the same guests every time, and others under every name', () => {
    const [host] = hosts;
    if (host === undefined) throw new Error('there is no shape');
    expect(makeCases(host)).toEqual(makeCases(host));
    const names = makeCases(host).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lets a guest come before it leaves', () => {
    for (const { events } of hosts.flatMap(host => makeCases(host))) {
      const there = new Set<number>();
      for (const event of events) {
        if (event.kind === 'arrive') there.add(event.vm.vmid);
        else expect(there.delete(event.vmid)).toBe(true);
      }
    }
  });
});
