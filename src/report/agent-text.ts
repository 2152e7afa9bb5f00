// What the agent did and could not do, a line for each guest, as the system log shows it.
import type { ThreadRole } from '#domain/guest.ts';
import type { LayerName, SettingMove } from '#domain/host-layer.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import type { Infeasible } from '#domain/plan.ts';
import { nameSettings } from './layer-text.ts';

export interface RepairedThread {
  readonly thread: { readonly role: ThreadRole };
  readonly after: CpuSet;
}

export type Repaired =
  | { readonly kind: 'threads'; readonly vmid: VmId; readonly threads: readonly RepairedThread[] }
  | { readonly kind: 'container'; readonly vmid: VmId; readonly before: CpuSet; readonly after: CpuSet }
  | { readonly kind: 'enter-partition'; readonly vmid: VmId; readonly partition: { readonly cpus: CpuSet } }
  | { readonly kind: 'interrupts'; readonly vmid: VmId; readonly irqs: readonly number[]; readonly after: CpuSet }
  | { readonly kind: 'leave-partition'; readonly vmid: VmId }
  | { readonly kind: 'unit'; readonly unit: string; readonly after: CpuSet }
  | { readonly kind: 'layer'; readonly layer: LayerName; readonly settings: readonly SettingMove[] }
  | { readonly kind: 'release-cpus' };

export function renderRepaired(repaired: Repaired): string {
  if (repaired.kind === 'release-cpus') return 'CPUs that were kept for stopped guests are given back';
  if (repaired.kind === 'unit') return `${repaired.unit}: confined to CPUs ${encodeIdList(repaired.after)}`;
  if (repaired.kind === 'layer') return renderLayer(repaired);
  const { vmid } = repaired;
  switch (repaired.kind) {
    case 'threads':
      return renderThreads(vmid, repaired.threads);
    case 'container':
      return `container ${vmid}: CPUs ${encodeIdList(repaired.before)}→${encodeIdList(repaired.after)}`;
    case 'interrupts':
      return `VM ${vmid}: interrupts ${repaired.irqs.join(', ')} of its devices→${encodeIdList(repaired.after)}`;
    case 'enter-partition':
      return `VM ${vmid}: its vCPUs have CPUs ${encodeIdList(repaired.partition.cpus)} to themselves`;
    case 'leave-partition':
      return `VM ${vmid}: the CPUs of its partition are given back`;
  }
}

/** `host layer frequency: scaling_governor of policies 4-7→performance`. */
function renderLayer({ layer, settings }: Extract<Repaired, { kind: 'layer' }>): string {
  const values = [...new Set(settings.map(({ after }) => after))];
  const parts = values.map(value => {
    const paths = settings.filter(({ after }) => after === value).map(({ path }) => path);
    return `${nameSettings(paths)}→${value}`;
  });
  return `host layer ${layer}: ${parts.join('; ')}`;
}

/** `VM 100: vCPU 0→4 1→5; 3 other threads→0`. */
function renderThreads(vmid: VmId, repairs: readonly RepairedThread[]): string {
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

export function renderArrived({ vmid, vcpus, emulator }: GuestPlacement): string {
  const pins = vcpus.map((cpus, vcpu) => `${vcpu}→${encodeIdList(cpus)}`).join(' ');
  return `VM ${vmid} came without a placement and has one now: vCPU ${pins}; other threads→${encodeIdList(emulator)}`;
}

export function renderNoRoom(vmid: VmId, { lack }: Infeasible): string {
  const what = lack === 'memory' ? 'memory' : 'CPUs';
  return `VM ${vmid} came without a placement, and there are not enough free ${what} for one: it is left as it is. \`berth plan\` may move others`;
}

export const renderDeparted = (vmid: VmId): string => `VM ${vmid} is on this node no more: its CPUs are given back`;
