// Rules about CPUs: online, owned once, housekeeping kept, thread siblings as the policy says, one core kind, the right nodes.
import { type Finding, finding } from '#domain/finding.ts';
import type { Core } from '#domain/host-topology.ts';
import { type CpuSet, nodeSet, unionOf } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import { ownCpus } from '#domain/placement.ts';
import type { CheckInput, PlacedGuest } from './check-plan.ts';

export function* checkCpus(guests: readonly PlacedGuest[], input: CheckInput): Generator<Finding> {
  const owners = ownersOf(guests);
  for (const [cpu, vmids] of owners) if (vmids.length > 1) yield finding('plan-cpu-twice', 'error', { cpu, vmids });
  for (const pair of guests) {
    yield* checkPlacement(pair, input);
    if (pair.placed.class === 'dedicated') yield* checkDedicated(pair, input, owners);
  }
}

/** Every claim on a CPU: a CPU that one guest gives to two of its vCPUs is claimed twice too. */
function ownersOf(guests: readonly PlacedGuest[]): Map<CpuId, VmId[]> {
  const owners = new Map<CpuId, VmId[]>();
  for (const { placed } of guests) {
    if (placed.class !== 'dedicated') continue;
    const claims = placed.kind === 'vm' ? placed.vcpus.flatMap(cpus => cpus.ids) : placed.affinity.ids;
    for (const cpu of claims) owners.set(cpu, [...(owners.get(cpu) ?? []), placed.vmid]);
  }
  return owners;
}

function* checkPlacement({ placed }: PlacedGuest, { inventory }: CheckInput): Generator<Finding> {
  const { vmid } = placed;
  const { topology } = inventory;
  const all = unionOf([...placed.vcpus, placed.emulator, placed.affinity]);
  const offline = all.difference(topology.online);
  if (!offline.isEmpty) yield finding('plan-cpu-offline', 'error', { vmid, cpus: offline });
  const where = placed.class === 'dedicated' ? ownCpus(placed) : placed.affinity;
  const used = nodeSet(topology.nodes.filter(node => !node.cpus.isDisjointFrom(where)).map(node => node.id));
  if (!used.equals(placed.nodes)) {
    yield finding('plan-nodes-mismatch', 'error', { vmid, nodes: placed.nodes, used });
  }
}

function* checkDedicated(
  { placed }: PlacedGuest,
  { inventory, placement }: CheckInput,
  owners: ReadonlyMap<CpuId, readonly VmId[]>,
): Generator<Finding> {
  const { vmid } = placed;
  for (const [vcpu, cpus] of placed.vcpus.entries()) {
    if (cpus.size !== 1) yield finding('plan-vcpu-not-single', 'error', { vmid, vcpu, cpus });
  }
  const own = ownCpus(placed);
  const kept = own.intersection(placement.housekeeping);
  if (!kept.isEmpty) yield finding('plan-housekeeping-dedicated', 'error', { vmid, cpus: kept });
  const cores = inventory.topology.cores.filter(core => !core.cpus.isDisjointFrom(own));
  if (new Set(cores.map(core => core.kind)).size > 1) yield finding('plan-kinds-mixed', 'error', { vmid });
  for (const core of cores) {
    const others = [...new Set(core.cpus.ids.flatMap(cpu => owners.get(cpu) ?? []))].filter(owner => owner !== vmid);
    const mayShare = [vmid, ...others].every(owner => smtOf(owner, placement) === 'any');
    if (others.length > 0 && !mayShare) {
      yield finding('plan-core-shared', 'error', { vmid, cpus: core.cpus, others });
    }
  }
  yield* checkSmt({ placed, cores });
}

const smtOf = (vmid: VmId, { guests }: CheckInput['placement']) => guests.find(guest => guest.vmid === vmid)?.smt;

/** isolate: one CPU per core. pairs: vCPUs 2k and 2k+1 on one core. */
function* checkSmt({ placed, cores }: { placed: PlacedGuest['placed']; cores: readonly Core[] }): Generator<Finding> {
  const { vmid, smt } = placed;
  const coreOf = (cpus: CpuSet | undefined) =>
    cores.find(core => cpus?.isEmpty === false && cpus.isSubsetOf(core.cpus));
  if (smt === 'isolate') {
    for (const core of cores) {
      const used = core.cpus.intersection(ownCpus(placed));
      const vcpu = placed.vcpus.findIndex(cpus => cpus.isSubsetOf(used));
      if (used.size > 1) yield finding('plan-smt-broken', 'error', { vmid, smt, vcpu: Math.max(0, vcpu) });
    }
  }
  if (smt === 'pairs') {
    for (let vcpu = 0; vcpu + 1 < placed.vcpus.length; vcpu += 2) {
      const [first, second] = [coreOf(placed.vcpus[vcpu]), coreOf(placed.vcpus[vcpu + 1])];
      if (first !== second || !first) yield finding('plan-smt-broken', 'error', { vmid, smt, vcpu });
    }
  }
}
