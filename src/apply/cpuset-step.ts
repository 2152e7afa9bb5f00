// Changes the cpuset of a running container: its own cgroup, and the namespace cgroup inside in which its processes are.
import { parseCpuList } from '#domain/id-list.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import type { Progress } from './steps.ts';

type CpusetRecord = Extract<StepRecord, { kind: 'cpuset' }>;

export function cpusetState(record: CpusetRecord, host: Host): Progress {
  const files = record.files.map(file => ({ ...file, now: host.read(file.path) }));
  if (files.some(({ now }) => now === null)) return 'gone';
  if (files.every(({ now, after }) => sameCpus(now, after))) return 'after';
  // Proxmox's rebalancer may have moved the container in the meantime, as is its right; what matters is where it must go.
  return files.every(({ now, before }) => sameCpus(now, before)) ? 'before' : 'mixed';
}

export function applyCpuset(record: CpusetRecord, host: Host): void {
  for (const { path, after } of record.files) host.writeKernelFile(path, after);
  for (const { path, after } of record.files) {
    const now = host.read(path);
    if (!sameCpus(now, after)) {
      throw new HostError('failed', `${path} reads ${JSON.stringify(now)} after "${after.trim()}" was written`);
    }
  }
}

const sameCpus = (a: string | null, b: string): boolean => a !== null && parseCpuList(a).equals(parseCpuList(b));
