// Why each guest is where it is, as data.
import { cpuSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import { type GuestPlacement, ownCpus, type Placement, reservedCpus } from '#domain/placement.ts';
import type { Explanation, Reason } from '#domain/plan.ts';

export function explainPlacement(placement: Placement, inventory: Inventory): readonly Explanation[] {
  return placement.guests.map(guest => ({ vmid: guest.vmid, reasons: [...reasonsOf(guest, placement, inventory)] }));
}

function* reasonsOf(guest: GuestPlacement, placement: Placement, inventory: Inventory): Generator<Reason> {
  const { topology } = inventory;
  if (guest.class === 'shared') {
    const reserved = reservedCpus(placement, topology);
    yield { kind: 'kept-off', owners: [...new Set(reserved.values())].sort((a, b) => a - b) };
    return;
  }
  yield* nodeReasons(guest, inventory);
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
  const cores = topology.cores.filter(core => !core.cpus.isDisjointFrom(own));
  yield { kind: 'whole-cores', cores: cores.length };
  const owners = reservedCpus(placement, topology);
  const idle = cores.flatMap(core => core.cpus.ids).filter(cpu => !own.has(cpu) && owners.get(cpu) === guest.vmid);
  if (idle.length > 0) yield { kind: 'idle-siblings', cpus: cpuSet(idle).difference(guest.emulator) };
  const before = inventory.placement?.guests.find(({ vmid }) => vmid === guest.vmid);
  if (before && ownCpus(before).equals(own)) yield { kind: 'kept-in-place' };
}

function* nodeReasons(guest: GuestPlacement, { topology }: Inventory): Generator<Reason> {
  const [node] = guest.nodes;
  if (topology.nodes.length === 1) yield { kind: 'only-node' };
  else if (guest.nodes.size === 1 && node !== undefined) yield { kind: 'fits-one-node', node };
  else yield { kind: 'spans-nodes', nodes: guest.nodes.size, because: spanCause(guest, topology) };
}

/** A guest spans nodes because it has more vCPUs, or more memory, than any node; else because others are there. */
function spanCause(guest: GuestPlacement, topology: Inventory['topology']): 'cpus' | 'memory' | 'others' {
  const mostCpus = Math.max(...topology.nodes.map(node => node.cpus.size));
  if (guest.vcpus.length > mostCpus) return 'cpus';
  const memoryMiB = guest.memory?.parts.reduce((sum, part) => sum + part.memoryMiB, 0) ?? 0;
  const mostMiB = Math.max(...topology.nodes.map(node => node.memoryMiB ?? 0));
  return memoryMiB > mostMiB ? 'memory' : 'others';
}
