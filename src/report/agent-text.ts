// What the agent did and could not do, a line for each guest, as the system log shows it.
import type { ThreadRole } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';

export interface RepairedThread {
  readonly thread: { readonly role: ThreadRole };
  readonly after: CpuSet;
}

/** `VM 100: vCPU 0→4 1→5; 3 other threads→0`. */
export function renderRepaired(vmid: VmId, repairs: readonly RepairedThread[]): string {
  const vcpus = repairs.flatMap(({ thread: { role }, after }) =>
    role.kind === 'vcpu' ? [`${role.index}→${encodeIdList(after)}`] : [],
  );
  const others = new Map<string, number>();
  for (const { thread, after } of repairs) {
    if (thread.role.kind === 'vcpu') continue;
    const cpus = encodeIdList(after);
    others.set(cpus, (others.get(cpus) ?? 0) + 1);
  }
  const parts = [
    ...(vcpus.length === 0 ? [] : [`vCPU ${vcpus.join(' ')}`]),
    ...[...others].map(([cpus, count]) => `${count} other thread${count === 1 ? '' : 's'}→${cpus}`),
  ];
  return `VM ${vmid}: ${parts.join('; ')}`;
}

export function renderAgentProblem(vmid: VmId | null, problem: string): string {
  return vmid === null ? problem : `VM ${vmid}: ${problem}`;
}
