// The hugepages that Proxmox allocates before it starts a VM, node by node, and what it does with the pools afterwards.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { HugepagePlan } from '#proxmox/hugepage-plan.ts';
import { runProgram } from '../inside/run-program.ts';

const POOLS = '/sys/kernel/mm/hugepages';
const count = (node: number, sizeKiB: number, file: string): string =>
  `/sys/devices/system/node/node${node}/hugepages/hugepages-${sizeKiB}kB/${file}`;

const readCount = (path: string): number => Number(readFileSync(path, 'latin1'));

/** @throws Error in Proxmox's words when the kernel does not give them; the counts are then as before. */
export function allocateHugepages(plan: HugepagePlan): void {
  const before = new Map<string, number>();
  for (const [sizeMiB, nodes] of plan) {
    const sizeKiB = Number(sizeMiB) * 1024;
    mountHugepages(sizeKiB);
    for (const [node, pages] of nodes) {
      const file = count(node, sizeKiB, 'nr_hugepages');
      before.set(file, readCount(file));
      const lacking = pages - readCount(count(node, sizeKiB, 'free_hugepages'));
      if (lacking > 0) writeFileSync(file, `${readCount(file) + lacking}`);
      if (readCount(count(node, sizeKiB, 'free_hugepages')) >= pages) continue;
      for (const [path, value] of before) writeFileSync(path, `${value}`);
      throw new Error('hugepage allocation failed');
    }
  }
}

/**
 * After a start without `keephugepages`: the pool of the whole host goes back to what it was at boot, whatever anybody has put
 * there since. Pages in use stay, as surplus, until their guest stops (kernel `admin-guide/mm/hugetlbpage`).
 * Lab hosts boot without `hugepages=`, so that was none.
 */
export function giveBackHugepages(plan: HugepagePlan): void {
  for (const sizeMiB of plan.keys()) writeFileSync(`${POOLS}/hugepages-${Number(sizeMiB) * 1024}kB/nr_hugepages`, '0');
}

function mountHugepages(sizeKiB: number): void {
  const directory = `/run/hugepages/kvm/${sizeKiB}kB`;
  if (readFileSync('/proc/self/mounts', 'latin1').includes(` ${directory} `)) return;
  mkdirSync(directory, { recursive: true });
  runProgram(['mount', '-t', 'hugetlbfs', '-o', `pagesize=${sizeKiB}k`, 'hugetlbfs', directory]);
}
