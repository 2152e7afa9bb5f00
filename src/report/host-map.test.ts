// Tests of the text map: what it shows, and that it fits.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { renderHostMap } from './host-map.ts';
import { makeHostMapView } from './host-map-view.ts';

const guests: readonly Guest[] = [
  makeVm(100, 2, { name: 'db', runtime: makeVmRuntime(2, [2, 18], { resident: { 0: 1500, 1: 500 } }) }),
  makeContainer(200, 1, { name: 'dns', cpuset: cpuSet([9]) }),
];

function render(
  shape: Shape,
  { width = 80, color = false, housekeeping = cpuSet() as CpuSet, who = guests } = {},
): string {
  const placement = { node: 'pve', isolation: 'none' as const, housekeeping, guests: [] };
  return renderHostMap(makeHostMapView({ ...makeInventory(shape, who), placement }), { color, width });
}

const ESCAPES = /\x1b\[[0-9;]*m/g;

describe('renderHostMap()', () => {
  it('shows the whole of a small host', () => {
    const small: Shape = { ...shapes['memory-only-node'], isolated: [3, 11] };
    expect(render(small, { housekeeping: cpuSet([0, 8]) })).toBe(`pve  INTEL(R) XEON(R) GOLD 6526Y  [simulated]
2 packages · 3 NUMA nodes · 2 LLC domains · 8 cores · 16 CPUs · 379.6 GiB memory
isolated 3,11

Package 0
  Node 0  █████▒░░░░░░░░░░░░░░ 125.6 GiB, 88 GiB free, 94.8 GiB available
          distance 14 to 2, 21 to 1
    L3 37.5 MiB  CPUs 0-3,8-11
    ┌────────┬────────┬────────┬────────┐
    │ 0 host │ 1 ·    │ 2 100  │ 3*·    │
    │ 8 host │ 9 200  │10 ·    │11*·    │
    └────────┴────────┴────────┴────────┘

Package 1
  Node 1  ███▒░░░░░░░░░░░░░░░░ 126 GiB, 98.9 GiB free, 104.2 GiB available
          distance 21 to 0, 24 to 2
    L3 37.5 MiB  CPUs 4-7,12-15
    ┌────────┬────────┬────────┬────────┐
    │ 4 ·    │ 5 ·    │ 6 ·    │ 7 ·    │
    │12 ·    │13 ·    │14 ·    │15 ·    │
    └────────┴────────┴────────┴────────┘

Memory without CPUs
  Node 2  ░░░░░░░░░░░░░░░░░░░░ 128 GiB, 127.9 GiB free, 127.9 GiB available
          distance 14 to 0, 24 to 1

VMID the guest that runs there   host kept for the host
* isolated from the scheduler   · open to all other guests
█ memory used, ▒ page cache, ░ free

Guests
  VMID  NAME      CLASS  vCPU  MEMORY  ON NODES     CPUS
● 100   db    VM  –      2     2 GiB   0:75% 1:25%  2
○ 200   dns   CT  –      1     2 GiB   –            9
  ● running  ○ stopped
`);
  });

  it.each(Object.entries(shapes))('fits %s into 80 columns and more', (_, shape) => {
    for (const width of [80, 120, 200]) {
      const longest = Math.max(
        ...render(shape, { width })
          .split('\n')
          .map(line => line.length),
      );
      expect(longest).toBeLessThanOrEqual(width);
    }
  });

  it('says the same with and without colour', () => {
    const colored = render(shapes.article, { color: true });
    expect(colored).not.toBe(render(shapes.article));
    expect(colored.replace(ESCAPES, '')).toBe(render(shapes.article));
  });

  it('is one line for each LLC domain on large hosts', () => {
    const map = render(shapes['epyc-large'], { who: [makeVm(100, 8, { affinity: parseCpuList('8-15,136-143') })] });
    expect(map).toContain('L3 32 MiB      100   8-15,136-143\n');
    expect(map.split('\n').length).toBeLessThan(50);
  });

  it('breaks long lists of scattered CPUs', () => {
    const affinity = cpuSet(Array.from({ length: 64 }, (_, index) => 2 * index));
    for (const shape of [shapes['epyc-large'], shapes.article]) {
      const map = render(shape, { who: [makeVm(100, 8, { affinity })] });
      expect(Math.max(...map.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
      expect(map).toContain('14,');
    }
  });

  it('lets nothing in a config steer the terminal', () => {
    const map = render(shapes.tiny, { who: [makeVm(100, 1, { name: '\x1b]0;owned\x07' })] });
    expect(map).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  it('tells dies with a large cache, kinds of memory, dies and devices', () => {
    const large = render(shapes['ryzen-x3d']);
    expect(large).toContain('L3 96 MiB large  CPUs ');
    expect(large).toContain('L3 32 MiB  CPUs ');
    const inventory = makeInventory(shapes['memory-only-node'], []);
    const { topology } = inventory;
    const nodes = topology.nodes.map(node => (node.id === 2 ? { ...node, memoryKind: 'cxl' as const } : node));
    const device = { address: '0000:81:00.0', class: '020000', vendor: '8086', device: '1572', driver: 'i40e' };
    const known = {
      ...inventory,
      topology: { ...topology, nodes, dies: topology.nodes.map(({ cpus }) => cpus) },
      pciDevices: [{ ...device, node: null, localCpus: null }],
    };
    const map = renderHostMap(makeHostMapView(known), { color: false, width: 80 });
    expect(map).toContain('128 GiB, 127.9 GiB free, 127.9 GiB available');
    expect(map).toContain('CXL memory');
    expect(map).toContain('2 packages · 3 dies · ');
    expect(map).toContain('\nDevices\n  No node network i40e 0000:81:00.0\n');
  });

  it('lists what is not known', () => {
    const inventory = { ...makeInventory(shapes.tiny, []), unknown: [{ path: '/sys/x', reason: 'not there' }] };
    expect(renderHostMap(makeHostMapView(inventory), { color: false, width: 80 })).toMatch(
      /Not known, or not understood\n {2}\? \/sys\/x: not there\n$/,
    );
  });
});
