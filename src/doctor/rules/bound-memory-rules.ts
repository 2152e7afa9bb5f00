// Rules about nodes that have not the memory which is bound to them.
import type { HostNodesFacts } from '#domain/doctor/host-nodes-facts.ts';
import type { VmGuest } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type NodeSet, nodeSet } from '#domain/id-set.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import { isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, type Found, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { countedLines, type NumaLine } from '../numa-lines.ts';

type BoundMemoryFacts = Pick<HostNodesFacts, 'bind-too-large' | 'bind-over-free' | 'node-memory-overcommitted'>;

export const boundMemoryRules: DoctorRules<BoundMemoryFacts> = {
  'bind-too-large': vmRule('hurts-latency', findBindTooLarge),
  'bind-over-free': vmRule('hurts-latency', findBindOverFree),
  'node-memory-overcommitted': { impact: 'hurts-latency', examine: findOvercommittedNodes },
};

/** All lines of a VM that bind to the same nodes. */
interface Binding {
  readonly keys: readonly string[];
  readonly nodes: NodeSet;
  readonly memoryMiB: number;
}

/** Hugepages are there or not when the VM starts: the rules about them tell. */
function bindingsOf(vm: ExaminedVm): readonly Binding[] {
  if (isSet(vm.next, 'hugepages')) return [];
  const groups = new Map<string, NumaLine[]>();
  for (const line of countedLines(vm)) {
    if (line.policy !== 'bind' || line.hostNodes.isEmpty) continue;
    const name = encodeIdList(line.hostNodes);
    groups.set(name, [...(groups.get(name) ?? []), line]);
  }
  return [...groups.values()].map(lines => ({
    keys: lines.map(({ key }) => key),
    nodes: lines[0]?.hostNodes ?? nodeSet(),
    memoryMiB: sum(lines, ({ memoryMiB }) => memoryMiB ?? 0),
  }));
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** What is known of all of these nodes; null when one is not there or was not read. */
function memoryOf(nodes: NodeSet, { inventory }: DoctorView): readonly NodeMemory[] | null {
  const known = inventory.memory.filter(({ node }) => nodes.has(node));
  return known.length === nodes.size ? known : null;
}

const isTooLarge = ({ nodes, memoryMiB }: Binding, view: DoctorView): boolean => {
  const known = memoryOf(nodes, view);
  return known !== null && memoryMiB > sum(known, ({ totalMiB }) => totalMiB);
};

function findBindTooLarge(vm: ExaminedVm, view: DoctorView): Judgement<BoundMemoryFacts['bind-too-large']> | null {
  const binding = bindingsOf(vm).find(candidate => isTooLarge(candidate, view));
  if (binding === undefined) return null;
  const totalMiB = sum(memoryOf(binding.nodes, view) ?? [], node => node.totalMiB);
  return { facts: { ...binding, totalMiB }, evidence: keyEvidence(vm, binding.keys), fix: null };
}

/** What a running VM holds on these nodes already is no longer wanted; where that is not known, nothing is said. */
function findBindOverFree(vm: ExaminedVm, view: DoctorView): Judgement<BoundMemoryFacts['bind-over-free']> | null {
  for (const binding of bindingsOf(vm)) {
    const known = memoryOf(binding.nodes, view);
    const held = heldOn(binding.nodes, vm.guest);
    if (known === null || held === null || isTooLarge(binding, view)) continue;
    const wantedMiB = binding.memoryMiB - held;
    const availableMiB = sum(known, node => node.availableMiB);
    if (wantedMiB <= availableMiB) continue;
    const { keys, nodes } = binding;
    return { facts: { keys, nodes, wantedMiB, availableMiB }, evidence: keyEvidence(vm, keys), fix: null };
  }
  return null;
}

function heldOn(nodes: NodeSet, { runtime }: VmGuest): number | null {
  if (runtime === null) return 0;
  return runtime.residentMiB && sum(nodes.ids, node => runtime.residentMiB?.get(node) ?? 0);
}

interface Share {
  readonly vm: ExaminedVm;
  readonly keys: readonly string[];
  readonly memoryMiB: number;
  readonly binds: boolean;
}

/** One finding for each node; a VM that alone is too large for it has its own. */
function findOvercommittedNodes(view: DoctorView): readonly Found<BoundMemoryFacts['node-memory-overcommitted']>[] {
  const vms = view.vms.filter(({ guest, next }) => guest.runtime !== null || isSet(next, 'onboot'));
  return view.inventory.memory.flatMap(({ node, totalMiB }) => {
    const nodes = nodeSet([node]);
    const shares = vms
      .map(vm => shareOn(nodes, vm))
      .filter(({ memoryMiB, binds }) => memoryMiB > 0 && !(binds && memoryMiB > totalMiB));
    const wantedMiB = sum(shares, ({ memoryMiB }) => memoryMiB);
    if (shares.length < 2 || wantedMiB <= totalMiB) return [];
    const vmidsOf = (some: readonly Share[]) => some.map(({ vm }) => vm.guest.vmid);
    const binding = vmidsOf(shares.filter(({ binds }) => binds));
    return [
      {
        subject: 'host' as const,
        facts: { nodes, vmids: vmidsOf(shares), binding, wantedMiB, totalMiB },
        evidence: shares.flatMap(({ vm, keys }) => keyEvidence(vm, keys)),
        fix: null,
      },
    ];
  });
}

/** Lines that name this node alone: of others nobody can say where their memory will be. */
function shareOn(nodes: NodeSet, vm: ExaminedVm): Share {
  const lines = countedLines(vm).filter(({ hostNodes }) => hostNodes.equals(nodes));
  return {
    vm,
    keys: lines.map(({ key }) => key),
    memoryMiB: sum(lines, ({ memoryMiB }) => memoryMiB ?? 0),
    binds: lines.some(({ policy }) => policy === 'bind'),
  };
}
