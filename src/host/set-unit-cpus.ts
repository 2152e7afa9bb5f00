// Confines a systemd unit to CPUs until the next boot, through systemd: a cpuset written behind its back would not last.
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { hostErrorFrom } from './errno.ts';
import { systemctl } from './systemctl.ts';

/** @throws HostError with what systemctl says */
export function setUnitCpus(unit: string, cpus: CpuSet | null, configured: CpuSet): void {
  setProperty(unit, encodeIdList(cpus ?? configured));
  if (cpus !== null) return;
  // An emptied property alone would leave the kernel with the old set, so it comes second.
  setProperty(unit, '');
  removeDropIn(unit);
}

function setProperty(unit: string, list: string): void {
  systemctl('set-property', '--runtime', unit, `AllowedCPUs=${list}`);
}

/** What an emptied property leaves; systemd has to know, or it would warn of a file that has changed. */
function removeDropIn(unit: string): void {
  const directory = `/run/systemd/system.control/${unit}.d`;
  try {
    rmSync(`${directory}/50-AllowedCPUs.conf`, { force: true });
    for (const path of [directory, dirname(directory)]) {
      if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
    }
  } catch (error) {
    throw hostErrorFrom(`Cannot remove ${directory}`, error);
  }
  systemctl('daemon-reload');
}
