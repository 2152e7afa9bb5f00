// Rules about what the policy asks for guests that are to have CPUs of their own.
import type { CapacityFacts } from '#domain/doctor/capacity-facts.ts';
import type { Guest } from '#domain/guest.ts';
import { leastHousekeeping } from '#domain/host-kind.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import type { Policy, Wishes } from '#domain/policy.ts';
import { type DoctorRules, hostRule, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { policyEvidence } from '../policy-line.ts';

type DedicatedFacts = Pick<CapacityFacts, 'dedicated-overcommitted' | 'pairs-odd-vcpus'>;

export const dedicatedRules: DoctorRules<DedicatedFacts> = {
  'dedicated-overcommitted': hostRule('ineffective', findOvercommitment),
  'pairs-odd-vcpus': vmRule('worth-knowing', findOddVcpus),
};

interface DedicatedGuest {
  readonly guest: Guest;
  readonly wishes: Wishes;
}

/** The least that every layout needs: what even this is too much for, no plan can make true. */
function findOvercommitment(view: DoctorView): Judgement<CapacityFacts['dedicated-overcommitted']> | null {
  const { topology } = view.inventory;
  const dedicated = view.inventory.guests.flatMap((guest): readonly DedicatedGuest[] => {
    const wishes = guest.template ? undefined : view.wishes.get(guest.vmid);
    return wishes?.named === true && wishes.class === 'dedicated' ? [{ guest, wishes }] : [];
  });
  const threads = threadsPerCore(topology);
  const whole = dedicated.map(each => wholeCores(each, threads)).reduce((sum, cores) => sum + cores, 0);
  const single = dedicated.map(singleCpus).reduce((sum, cpus) => sum + cpus, 0);
  const cores = whole + Math.ceil(single / threads);
  const available = topology.cores.length - keptCores(topology, view.policy.housekeeping);
  if (dedicated.length === 0 || cores <= available) return null;
  const vmids = dedicated.map(({ guest }) => guest.vmid);
  return {
    facts: { vmids, cores, available },
    evidence: policyEvidence(view, ['housekeeping', ...vmids, ...view.policy.tags.keys()]),
    fix: null,
  };
}

const threadsPerCore = ({ cores }: HostTopology): number => Math.max(1, ...cores.map(({ cpus }) => cpus.size));

const cpusOf = (guest: Guest): number => (guest.kind === 'vm' ? guest.vcpus : (guest.cores ?? 0));

/** Of guests that share no core with others. */
function wholeCores({ guest, wishes }: DedicatedGuest, threads: number): number {
  if (wishes.smt === 'isolate') return cpusOf(guest);
  return wishes.smt === 'pairs' ? Math.ceil(cpusOf(guest) / threads) : 0;
}

const singleCpus = ({ guest, wishes }: DedicatedGuest): number =>
  wishes.smt === 'any' || wishes.smt === 'auto' ? cpusOf(guest) : 0;

/** The boot core is always one of them; what is kept by default gives way to guests, down to one core of each node. */
function keptCores(topology: HostTopology, { cpus, coresPerNode }: Policy['housekeeping']): number {
  const { cores, nodes, online } = topology;
  if (cpus === null && coresPerNode === null) return leastHousekeeping(topology).size;
  if (cpus === null) return Math.max(1, (coresPerNode ?? 0) * nodes.filter(node => !node.cpus.isEmpty).length);
  return cores.filter(core => !core.cpus.isDisjointFrom(cpus) || core.cpus.first === online.first).length;
}

function findOddVcpus(vm: ExaminedVm, view: DoctorView): Judgement<CapacityFacts['pairs-odd-vcpus']> | null {
  const { guest } = vm;
  const wishes = view.wishes.get(guest.vmid);
  const isPaired = wishes?.named === true && wishes.class === 'dedicated' && wishes.smt === 'pairs';
  if (!isPaired || guest.vcpus % 2 === 0 || threadsPerCore(view.inventory.topology) < 2) return null;
  return {
    facts: { vcpus: guest.vcpus },
    evidence: [
      ...keyEvidence(vm, ['cores', 'sockets']),
      ...policyEvidence(view, [guest.vmid, ...view.policy.tags.keys()]),
    ],
    fix: null,
  };
}
