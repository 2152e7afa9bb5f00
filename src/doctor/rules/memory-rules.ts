// Rules about where memory is, and what moves or merges it.
import type { MemoryFacts } from '#domain/doctor/memory-facts.ts';
import type { Fix } from '#domain/doctor-finding.ts';
import { isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { valueEvidence } from '../evidence.ts';
import { pinnedCpus } from '../pinned-cpus.ts';

export const memoryRules: DoctorRules<MemoryFacts> = {
  'ksm-merges-across-nodes': hostRule('hurts-latency', findMergingAcrossNodes),
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

function isPinned(vm: ExaminedVm, view: DoctorView): boolean {
  const boundToNodes = vm.guest.numa && vm.guest.numaNodes.some(({ hostNodes }) => hostNodes.length > 0);
  return boundToNodes || pinnedCpus(vm, view) !== null;
}

/** Pages of hugepage pools are never merged, nor those of a VM that says no. */
const mayBeMerged = ({ next }: ExaminedVm): boolean => !isSet(next, 'hugepages') && next.get('allow-ksm') !== '0';
