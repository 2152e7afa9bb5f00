// A rule about limits of CPU time on guests that are to have CPUs without waiting for them.
import type { CapacityFacts } from '#domain/doctor/capacity-facts.ts';
import type { Evidence } from '#domain/doctor-finding.ts';
import type { VmId } from '#domain/ids.ts';
import { containerLine, lineOrFile } from '../container-line.ts';
import type { DoctorRules, Found } from '../doctor-rule.ts';
import type { DoctorView, ExaminedContainer, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { exclusiveCpus } from '../exclusive-cpus.ts';
import { policyEvidence } from '../policy-line.ts';

export const limitRules: DoctorRules<Pick<CapacityFacts, 'cpulimit-throttles'>> = {
  'cpulimit-throttles': {
    impact: 'hurts-latency',
    examine: view => [
      ...view.vms.flatMap(vm => judgeVm(vm, view)),
      ...view.containers.flatMap(container => judgeContainer(container, view)),
    ],
  },
};

interface LimitedGuest {
  readonly vmid: VmId;
  readonly command: 'qm' | 'pct';
  readonly limit: number;
  /** How many the guest is to have. */
  readonly cpus: number | undefined;
  readonly evidence: readonly Evidence[];
}

function judgeVm(vm: ExaminedVm, view: DoctorView) {
  return judge({
    ...{ vmid: vm.guest.vmid, command: 'qm' },
    limit: Number(vm.next.get('cpulimit') ?? 0),
    cpus: exclusiveCpus(vm, view)?.size,
    evidence: keyEvidence(vm, ['cpulimit', 'cores', 'sockets', 'affinity']),
  });
}

/** Nothing in a container's own config says that it should not wait: only the policy does. */
function judgeContainer(container: ExaminedContainer, view: DoctorView) {
  const { vmid, cores } = container.guest;
  const wishes = view.wishes.get(vmid);
  const placed = view.inventory.placement?.guests.find(guest => guest.vmid === vmid && guest.kind === 'container');
  const isNamed = wishes?.named === true && wishes.class !== 'shared';
  const line = containerLine(container, 'cpulimit');
  const limit = Number(line?.value ?? 0);
  const cpus = isNamed ? (cores ?? placed?.affinity.size) : undefined;
  // With as much as it has CPUs it is never stopped: unlike a VM it has no threads but those that run there.
  if (cpus === limit) return [];
  return judge({
    ...{ vmid, command: 'pct', limit, cpus },
    evidence: [
      ...(line === null ? [] : [line.evidence]),
      ...(cores === null ? [] : [lineOrFile(container, 'cores')]),
      ...policyEvidence(view, [vmid, ...view.policy.tags.keys()]),
    ],
  });
}

/** The limit is for all threads together: with as much as there are vCPUs, the other threads have to take from them. */
function judge({
  vmid,
  command,
  limit,
  cpus,
  evidence,
}: LimitedGuest): readonly Found<CapacityFacts['cpulimit-throttles']>[] {
  if (cpus === undefined || !(limit > 0) || limit > cpus) return [];
  const remove = [command, 'set', `${vmid}`, '--delete', 'cpulimit'];
  return [{ subject: vmid, facts: { limit, cpus }, evidence, fix: { kind: 'commands', commands: [remove] } }];
}
