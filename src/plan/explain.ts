// Why each guest is where it is, as data.
import type { Core, HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId, NumaNodeId, VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, ownCpus, type Placement, reservedCpus } from '#domain/placement.ts';
import type { Explanation, Reason } from '#domain/plan.ts';

export function explainPlacement(placement: Placement, inventory: Inventory): readonly Explanation[] {
  const owners = reservedCpus(placement, inventory.topology);
  const coreOf = new Map(inventory.topology.cores.flatMap(core => core.cpus.ids.map(cpu => [cpu, core] as const)));
  return placement.guests.map(guest => ({
    vmid: guest.vmid,
    reasons: [...reasonsOf(guest, { placement, owners, coreOf, inventory })],
  }));
}

interface ExplainInput {
  readonly placement: Placement;
  /** By `reservedCpus`. */
  readonly owners: ReadonlyMap<CpuId, VmId>;
  readonly coreOf: ReadonlyMap<CpuId, Core>;
  readonly inventory: Inventory;
}

function* reasonsOf(guest: GuestPlacement, { placement, owners, coreOf, inventory }: ExplainInput): Generator<Reason> {
  const { topology } = inventory;
  if (guest.class === 'shared') {
    yield { kind: 'kept-off', owners: [...new Set(owners.values())].sort((a, b) => a - b) };
    if (guest.config === 'runtime') yield { kind: 'run-time-only' };
    return;
  }
  if (guest.config === 'runtime') yield { kind: 'run-time-only' };
  yield* nodeReasons(guest, placement.housekeeping, inventory);
  if (guest.class === 'confined') {
    const neighbours = placement.guests.filter(
      other => other !== guest && other.class === 'confined' && !other.affinity.isDisjointFrom(guest.affinity),
    );
    const llc = topology.llcs.some(domain => guest.affinity.isSubsetOf(domain.cpus));
    yield { kind: 'confined-to', span: llc ? 'llc' : 'node', neighbours: neighbours.map(({ vmid }) => vmid) };
    return;
  }
  const own = ownCpus(guest);
  const llcs = topology.llcs.filter(llc => !llc.cpus.isDisjointFrom(own));
  if (llcs.length === 1) yield { kind: 'one-llc' };
  else if (llcs.length > 1) {
    const most = Math.max(...topology.llcs.map(llc => topology.cores.filter(core => core.llc === llc.id).length));
    yield { kind: 'spans-llcs', llcs: llcs.length, most };
  }
  const cores = new Set(own.ids.flatMap(cpu => coreOf.get(cpu) ?? []));
  yield { kind: 'whole-cores', cores: cores.size };
  const idle = [...cores].flatMap(core => core.cpus.ids).filter(cpu => !own.has(cpu) && owners.get(cpu) === guest.vmid);
  if (idle.length > 0) yield { kind: 'idle-siblings', cpus: cpuSet(idle).difference(guest.emulator) };
  const before = inventory.placement?.guests.find(({ vmid }) => vmid === guest.vmid);
  if (before && ownCpus(before).equals(own)) yield { kind: 'kept-in-place' };
}

function* nodeReasons(guest: GuestPlacement, housekeeping: CpuSet, { topology }: Inventory): Generator<Reason> {
  const [node] = guest.nodes;
  if (topology.nodes.length === 1) yield { kind: 'only-node' };
  else if (guest.nodes.size === 1 && node !== undefined) yield { kind: 'fits-one-node', node };
  else yield { kind: 'spans-nodes', nodes: guest.nodes.size, because: spanCause(guest, housekeeping, topology) };
}

/** A guest spans nodes because no node has the CPUs for it beside the host's, or the memory; else because others are there. */
function spanCause(guest: GuestPlacement, housekeeping: CpuSet, topology: HostTopology): 'cpus' | 'memory' | 'others' {
  const mostVcpus = Math.max(...topology.nodes.map(({ id }) => roomFor(guest, id, { housekeeping, topology })));
  if (guest.vcpus.length > mostVcpus) return 'cpus';
  const memoryMiB = guest.memory?.parts.reduce((sum, part) => sum + part.memoryMiB, 0) ?? 0;
  const mostMiB = Math.max(...topology.nodes.map(node => node.memoryMiB ?? 0));
  return memoryMiB > mostMiB ? 'memory' : 'others';
}

/** vCPUs of this guest for which a node has room when it has the node for itself. */
function roomFor(
  guest: GuestPlacement,
  node: NumaNodeId,
  { housekeeping, topology }: { housekeeping: CpuSet; topology: HostTopology },
): number {
  const cores = topology.cores.filter(core => core.node === node && core.cpus.isDisjointFrom(housekeeping));
  const hasEmulatorCore = guest.kind === 'vm' && guest.emulator.isDisjointFrom(housekeeping);
  const usable = hasEmulatorCore ? cores.slice(1) : cores;
  return usable.reduce((sum, core) => sum + (guest.smt === 'isolate' ? 1 : core.cpus.size), 0);
}
