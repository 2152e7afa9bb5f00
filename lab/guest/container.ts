// The cgroups of a container as Proxmox and LXC make them, with a process that sleeps.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const CONTAINERS = `${ROOT}/lxc`;

/**
 * `lxc/CTID` with its CPUs, chosen by Proxmox at start, and `lxc/CTID/ns` below it, where the processes are, which sets nothing and
 * inherits (pve-container `LXC.pm`, `vm_start`).
 */
export function startContainer(vmid: number, cpus: string): void {
  mkdirSync(CONTAINERS, { recursive: true });
  for (const cgroup of [ROOT, CONTAINERS]) handDownCpuset(cgroup);
  const outer = `${CONTAINERS}/${vmid}`;
  mkdirSync(`${outer}/ns`, { recursive: true });
  handDownCpuset(outer);
  writeFileSync(`${outer}/cpuset.cpus`, cpus);
  const { pid } = spawn('sleep', ['infinity'], { detached: true, stdio: 'ignore' });
  writeFileSync(`${outer}/ns/cgroup.procs`, `${pid}`);
}

function handDownCpuset(cgroup: string): void {
  const file = `${cgroup}/cgroup.subtree_control`;
  if (!readFileSync(file, 'latin1').includes('cpuset')) writeFileSync(file, '+cpuset');
}

/** All of them, as at the end of a scenario. */
export function stopContainers(): void {
  if (!existsSync(CONTAINERS)) return;
  writeFileSync(`${CONTAINERS}/cgroup.kill`, '1');
  const below = readdirSync(CONTAINERS, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(entry => entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .sort((a, b) => b.length - a.length);
  for (const cgroup of [...below, CONTAINERS]) removeWhenEmpty(cgroup);
}

/** Killed processes leave their cgroup a moment later. */
function removeWhenEmpty(cgroup: string): void {
  const end = performance.now() + 5000;
  for (;;) {
    try {
      rmdirSync(cgroup);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}
