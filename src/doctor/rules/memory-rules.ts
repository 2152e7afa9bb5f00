// Rules about what moves, merges or changes the memory of VMs.
import type { MemoryFacts } from '#domain/doctor/memory-facts.ts';
import type { Fix } from '#domain/doctor-finding.ts';
import { configuredMemory, isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, hostRule, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, valueEvidence } from '../evidence.ts';
import { countedLines } from '../numa-lines.ts';
import { pinnedCpus } from '../pinned-cpus.ts';
import { problemEvidence, startRule } from '../start-problems.ts';

export const memoryRules: DoctorRules<MemoryFacts> = {
  'ksm-merges-across-nodes': hostRule('hurts-latency', findMergingAcrossNodes),
  'numa-balancing': hostRule('hurts-latency', findBalancing),
  'transparent-hugepages-off': hostRule('worth-knowing', findSmallPages),
  'memory-hotplug-fails': startRule('breaks-start', 'memory-hotplug-fails', ([{ code, keys, says }], vm) => ({
    facts: { problem: code, says },
    evidence: problemEvidence(vm, [...new Set(['hotplug', 'numa', 'memory', ...keys])]),
    fix: null,
  })),
  'balloon-on-placed-memory': vmRule('hurts-latency', findBalloon),
};

/** The kernel takes the new value only while nothing is merged, so everything is unmerged first (kernel `admin-guide/mm/ksm`). */
const KEEP_MERGES_LOCAL: Fix = {
  kind: 'commands',
  commands: [
    ['sh', '-c', 'echo 2 > /sys/kernel/mm/ksm/run'],
    ['sh', '-c', 'echo 0 > /sys/kernel/mm/ksm/merge_across_nodes'],
    ['sh', '-c', 'echo 1 > /sys/kernel/mm/ksm/run'],
  ],
};

function findMergingAcrossNodes(view: DoctorView): Judgement<MemoryFacts['ksm-merges-across-nodes']> | null {
  const { texts, startHost } = view;
  const isOn = (source: { readonly text: string } | null) => source?.text.trim() === '1';
  if (!isOn(texts.ksmRun) || !isOn(texts.ksmMergeAcrossNodes) || startHost.memoryNodes.size < 2) return null;
  const vmids = view.vms.filter(vm => isPinned(vm, view) && mayBeMerged(vm)).map(({ guest }) => guest.vmid);
  if (vmids.length === 0) return null;
  return {
    facts: { vmids },
    evidence: valueEvidence(texts.ksmRun, texts.ksmMergeAcrossNodes),
    fix: KEEP_MERGES_LOCAL,
  };
}

const isPinned = (vm: ExaminedVm, view: DoctorView): boolean => isBound(vm, 'partly') || pinnedCpus(vm, view) !== null;

/** Whether its `numaN` lines say where its memory is to be. */
function isBound(vm: ExaminedVm, how: 'partly' | 'wholly'): boolean {
  const lines = countedLines(vm);
  const bound = lines.filter(({ hostNodes }) => !hostNodes.isEmpty);
  return bound.length > 0 && (how === 'partly' || bound.length === lines.length);
}

/** Pages of hugepage pools are never merged, nor those of a VM that says no. */
const mayBeMerged = ({ next }: ExaminedVm): boolean => !isSet(next, 'hugepages') && next.get('allow-ksm') !== '0';

/** Bit 0 is balancing between nodes of memory like memory; the others are about slower tiers. */
const BALANCES = 1;

/** The kernel passes over memory with a policy of its own, and over hugepages of a pool (`task_numa_work`). */
function findBalancing(view: DoctorView): Judgement<MemoryFacts['numa-balancing']> | null {
  const { texts, startHost, vms } = view;
  const isOn = (Number(texts.numaBalancing?.text ?? 0) & BALANCES) !== 0;
  if (!isOn || startHost.memoryNodes.size < 2) return null;
  const scanned = vms.filter(
    vm => pinnedCpus(vm, view) !== null && !isSet(vm.next, 'hugepages') && !isBound(vm, 'wholly'),
  );
  if (scanned.length === 0) return null;
  return {
    facts: { vmids: scanned.map(({ guest }) => guest.vmid) },
    evidence: [...valueEvidence(texts.numaBalancing), ...scanned.flatMap(vm => keyEvidence(vm, ['affinity', 'numa']))],
    fix: null,
  };
}

function findSmallPages(view: DoctorView): Judgement<MemoryFacts['transparent-hugepages-off']> | null {
  const { texts, vms } = view;
  if (texts.hugePagesEnabled?.text.includes('[never]') !== true) return null;
  const small = vms.filter(vm => isPinned(vm, view) && !isSet(vm.next, 'hugepages'));
  if (small.length === 0) return null;
  return {
    facts: { vmids: small.map(({ guest }) => guest.vmid) },
    evidence: valueEvidence(texts.hugePagesEnabled),
    fix: null,
  };
}

/** Without a `balloon` below `memory` nobody ever inflates it. */
function findBalloon(vm: ExaminedVm): Judgement<MemoryFacts['balloon-on-placed-memory']> | null {
  const balloonMiB = Number(vm.next.get('balloon') ?? 0);
  const memoryMiB = Number(configuredMemory(vm.next));
  const hugepages = isSet(vm.next, 'hugepages');
  if (balloonMiB === 0 || balloonMiB >= memoryMiB || (!hugepages && !isBound(vm, 'partly'))) return null;
  const bound = countedLines(vm).filter(({ hostNodes }) => !hostNodes.isEmpty);
  return {
    facts: { balloonMiB, memoryMiB, hugepages },
    evidence: keyEvidence(vm, ['balloon', 'memory', 'hugepages', ...bound.map(({ key }) => key)]),
    fix: { kind: 'commands', commands: [['qm', 'set', `${vm.guest.vmid}`, '--balloon', '0']] },
  };
}
