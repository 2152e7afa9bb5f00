// The hugepages that Proxmox allocates before it starts a VM, node by node, and takes back when it cannot have them all.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { HugepagePlan } from '#proxmox/hugepage-plan.ts';
import { runProgram } from '../inside/run-program.ts';

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

function mountHugepages(sizeKiB: number): void {
  const directory = `/run/hugepages/kvm/${sizeKiB}kB`;
  if (readFileSync('/proc/self/mounts', 'latin1').includes(` ${directory} `)) return;
  mkdirSync(directory, { recursive: true });
  runProgram(['mount', '-t', 'hugetlbfs', '-o', `pagesize=${sizeKiB}k`, 'hugetlbfs', directory]);
}
