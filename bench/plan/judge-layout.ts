// Judges where guests stand in the end, whoever put them there: the hard rules, every aim, and what people look at.
import { nodeDistance } from '#domain/host-topology.ts';
import { cpuSet, nodeSet, unionOf } from '#domain/id-set.ts';
import { vcpuIndex } from '#domain/ids.ts';
import type { GuestPlacement, MemoryPart, Placement } from '#domain/placement.ts';
import type { AimValue } from '#domain/plan.ts';
import { makeBasis } from '#plan/basis.ts';
import { foundValues } from '#plan/found-values.ts';
import { makeChanges } from '#plan/make-changes.ts';
import { checkPlan } from '#verify/check-plan.ts';
import { measureAims } from '#verify/measure-aims.ts';
import { planLayout } from '#verify/plan-layout.ts';
import { type BenchHost, HOUSEKEEPING } from './bench-hosts.ts';
import { makeBenchInventory, wishesOf } from './bench-inventory.ts';
import { type LayoutFigures, measureFigures } from './layout-figures.ts';
import type { PlacedVm } from './placement-algorithm.ts';
import type { BenchVm } from './plan-case.ts';

export interface Judgement {
  /** Codes of the hard rules that it breaks; empty for a sound layout. */
  readonly broken: readonly string[];
  /** As on a host that was empty before. */
  readonly aims: readonly AimValue[];
  readonly figures: LayoutFigures;
}

export function judgeLayout(host: BenchHost, vms: readonly BenchVm[], placement: Placement): Judgement {
  const inventory = makeBenchInventory(host, vms, null);
  const wishes = wishesOf(vms);
  const guests = placement.guests.flatMap(placed => {
    const guest = inventory.guests.find(({ vmid }) => vmid === placed.vmid);
    return guest ? [{ guest, placed }] : [];
  });
  const aims = measureAims(planLayout(guests, { inventory, placement, wishes }));
  const figures = measureFigures(host, placement);
  // No config can say it, so there are no steps to check.
  if (hasStrayMemory(placement)) return { broken: ['memory-without-vcpus'], aims, figures };
  const changes = makeChanges(inventory, placement, 'file');
  const basis = makeBasis(inventory, '');
  const proof = { kind: 'optimal' } as const;
  const plan = {
    kind: 'plan',
    node: inventory.node,
    basis,
    placement,
    explanations: [],
    changes,
    aims,
    proof,
    advice: [],
  } as const;
  const findings = checkPlan(plan, inventory, { housekeeping: HOUSEKEEPING, wishes });
  const broken = [...new Set(findings.map(({ code }) => code))].sort();
  return { broken, aims, figures };
}

/** Memory of a guest on a node with which none of its vCPUs goes: Proxmox has no guest NUMA node without vCPUs. */
const hasStrayMemory = ({ guests }: Placement): boolean =>
  guests.some(({ memory }) => memory?.parts.some(({ vcpus }) => vcpus.length === 0));

/** What a peer chose, as a placement of ours: the emulator threads on the host's CPUs of the guest's nodes, as ours are. */
export function placementOf(host: BenchHost, vms: readonly BenchVm[], placed: readonly PlacedVm[]): Placement {
  const { guests } = makeBenchInventory(host, vms, null);
  const placements = placed.flatMap((vm): GuestPlacement[] => {
    const guest = guests.find(({ vmid }) => vmid === vm.vmid);
    if (!guest) return [];
    const own = cpuSet(vm.cpus);
    const nodes = host.topology.nodes.filter(node => !node.cpus.isDisjointFrom(own));
    const local = host.housekeeping.intersection(unionOf(nodes.map(node => node.cpus)));
    const emulator = local.isEmpty ? host.housekeeping : local;
    return [
      {
        vmid: vm.vmid,
        kind: 'vm',
        identity: guest.identity,
        class: 'dedicated',
        smt: vm.smt,
        vcpus: vm.cpus.map(cpu => cpuSet([cpu])),
        emulator,
        affinity: own.union(emulator),
        nodes: nodeSet(nodes.map(({ id }) => id)),
        memory: host.topology.nodes.length < 2 ? null : { policy: 'preferred', parts: memoryParts(host, vm) },
        found: foundValues(guest, null),
      },
    ];
  });
  const guestsInOrder = placements.sort((a, b) => a.vmid - b.vmid);
  return { node: 'pve', isolation: 'none', housekeeping: host.housekeeping, guests: guestsInOrder };
}

/** Every vCPU goes with the nearest of the nodes that hold memory of its guest. */
function memoryParts({ topology }: BenchHost, vm: PlacedVm): readonly MemoryPart[] {
  const holding = [...vm.memoryMiB].filter(([, memoryMiB]) => memoryMiB > 0);
  const homes = vm.cpus.map(cpu => {
    const node = topology.nodes.find(({ cpus }) => cpus.has(cpu))?.id;
    const distance = (home: (typeof holding)[number][0]) =>
      node === undefined ? 0 : nodeDistance(topology, node, home);
    return holding.map(([home]) => home).sort((a, b) => distance(a) - distance(b) || a - b)[0];
  });
  return holding.map(([hostNode, memoryMiB]) => ({
    hostNode,
    memoryMiB,
    vcpus: homes.flatMap((home, n) => (home === hostNode ? [vcpuIndex(n)] : [])),
  }));
}
