// Samples → what each guest loses, to whom, and what would help.
import type { DiagnoseReport, GuestDiagnosis, HostLoad } from '#domain/diagnosis.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { SampledGuest, Sampling } from '#domain/sampling.ts';
import { adviseGuest } from './advise-guest.ts';
import { diagnoseContainer } from './diagnose-container.ts';
import { judgeGuest } from './judge-guest.ts';
import { type MeasureContext, measureGuest } from './measure-guest.ts';
import { stallShares } from './stall-shares.ts';
import { makeWhoRan } from './who-ran.ts';

export interface DiagnoseInput {
  readonly inventory: Inventory;
  readonly sampling: Sampling;
  /** Whom to judge, ascending. */
  readonly vmids: readonly VmId[];
  /** Those that the cluster's balancer may move. */
  readonly balanced: ReadonlySet<VmId>;
}

export function diagnose(input: DiagnoseInput): DiagnoseReport {
  const { inventory, sampling, vmids } = input;
  const host = measureHost(sampling);
  const isContainer = (vmid: VmId) => inventory.guests.some(guest => guest.vmid === vmid && guest.kind === 'container');
  const { topology } = inventory;
  const context = { sampling, topology, whoRan: makeWhoRan(sampling) };
  return {
    node: inventory.node,
    seconds: sampling.durationMs / 1000,
    interrupted: sampling.interrupted,
    host,
    guests: vmids.filter(vmid => !isContainer(vmid)).map(vmid => diagnoseGuest(vmid, { ...input, ...context, host })),
    containers: sampling.containers
      .filter(({ vmid }) => vmids.includes(vmid))
      .map(container =>
        diagnoseContainer(container, {
          ...{ whoRan: context.whoRan, slots: sampling.cpuTimes.length - 1, durationMs: sampling.durationMs },
          ...{ host, topology, isDedicated: isDedicated(container.vmid, inventory) },
        }),
      ),
    unknown: [...inventory.unknown, ...sampling.unknown],
  };
}

function diagnoseGuest(
  vmid: VmId,
  context: DiagnoseInput & MeasureContext & { readonly host: HostLoad },
): GuestDiagnosis {
  const { sampling, inventory, balanced, host, topology } = context;
  const guest = sampling.guests.find(candidate => candidate.vmid === vmid);
  if (guest === undefined) return { state: 'stopped', vmid, reason: null };
  if (guest.unreadable !== null) return { state: 'unreadable', vmid, reason: guest.unreadable };
  if (guest.state === 'gone') return { state: 'gone', vmid, reason: null };
  const unmeasured = whyUnmeasured(guest);
  if (unmeasured !== null) return { state: 'unreadable', vmid, reason: unmeasured };
  const measure = measureGuest(guest, context);
  const verdicts = judgeGuest(measure, host);
  const advised = adviseGuest({
    ...{ measure, verdicts, topology },
    isDedicated: isDedicated(vmid, inventory),
    isBalanced: balanced.has(vmid),
  });
  return { state: 'measured', vmid, measure, verdicts, ...advised };
}

const isDedicated = (vmid: VmId, { placement }: Inventory): boolean =>
  placement?.guests.find(candidate => candidate.vmid === vmid)?.class === 'dedicated';

/** Without two looks at a vCPU there is nothing to judge; an empty sum must not pass for a guest that lost nothing. */
function whyUnmeasured({ threads }: SampledGuest): string | null {
  const looked = threads.some(({ role, readings }) => role.kind === 'vcpu' && readings.length > 1);
  return looked ? null : 'its vCPUs were not seen twice, or this kernel keeps no schedstat';
}

function measureHost({ cpuTimes, host }: Sampling): HostLoad {
  const first = cpuTimes[0]?.cpus ?? new Map();
  let busyMs = 0;
  let allMs = 0;
  for (const [cpu, after] of cpuTimes.at(-1)?.cpus ?? []) {
    const before = first.get(cpu);
    if (before === undefined) continue;
    const busy = after.tasksMs + after.interruptsMs - before.tasksMs - before.interruptsMs;
    busyMs += busy;
    // The kernel's idle time of a CPU may run backwards by a tick.
    allMs += busy + Math.max(0, after.idleMs - before.idleMs);
  }
  return { busyShare: allMs === 0 ? 0 : busyMs / allMs, ...stallShares(host) };
}
