// Rules about more being promised than there is, and about guests held below what they were given.
import type { CapacityFacts } from '#domain/doctor/capacity-facts.ts';
import type { Evidence } from '#domain/doctor-finding.ts';
import { isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, textEvidence, valueEvidence } from '../evidence.ts';
import { countedLines } from '../numa-lines.ts';
import { ownerEvidence } from '../owner-evidence.ts';
import { sharedCpus, takenCpus } from '../taken-cpus.ts';
import { dedicatedRules } from './dedicated-rules.ts';
import { limitRules } from './limit-rules.ts';

export const capacityRules: DoctorRules<CapacityFacts> = {
  ...dedicatedRules,
  ...limitRules,
  'host-cores-few': hostRule('hurts-latency', findFewCores),
  'arc-crowds-guests': hostRule('worth-knowing', findLargeArc),
};

/** One core for each daemon that works as hard as its disks; monitors and their like are counted as one. */
function findFewCores(view: DoctorView): Judgement<CapacityFacts['host-cores-few']> | null {
  const { texts, tasks, inventory } = view;
  const taken = takenCpus(view);
  if (taken.isEmpty) return null;
  const left = sharedCpus(view).difference(inventory.topology.isolated);
  const cores = inventory.topology.cores.filter(core => core.cpus.isSubsetOf(left)).length;
  const named = (name: RegExp) => tasks.filter(task => !task.isKernel && name.test(task.name));
  const ceph = [...named(/^ceph-osd$/), ...named(/^ceph-(mon|mgr|mds)$/).slice(0, 1)];
  const isClustered = texts.corosync !== null;
  const zfsPools = texts.zfsPools.length;
  const wanted = 1 + ceph.length + (isClustered ? 1 : 0) + (zfsPools > 0 ? 1 : 0);
  if (cores >= wanted) return null;
  const users: readonly Evidence[] = [
    ...ceph.map(({ pid, name }) => ({ file: `/proc/${pid}/comm`, line: 1, text: name })),
    ...valueEvidence(...texts.zfsPools.slice(0, 1)),
    ...(texts.corosync === null ? [] : [{ file: texts.corosync.file, line: null, text: '' }]),
  ];
  return {
    facts: { left, cores, wanted, zfsPools, cephDaemons: ceph.length, isClustered },
    evidence: [...ownerEvidence(view, taken), ...users],
    fix: null,
  };
}

const BYTES_PER_MIB = 1024 * 1024;
const ARC_MAX = /^c_max\s+\d+\s+(\d+)\s*$/m;

/** Where the guests alone are too much already, the ARC is not the cause. */
function findLargeArc(view: DoctorView): Judgement<CapacityFacts['arc-crowds-guests']> | null {
  const { texts, inventory, vms } = view;
  const arcMaxMiB = Math.floor(Number(ARC_MAX.exec(texts.zfsStatistics?.text ?? '')?.[1] ?? 0) / BYTES_PER_MIB);
  const totalMiB = inventory.memory.reduce((sum, node) => sum + node.totalMiB, 0);
  const present = vms.filter(({ guest, next }) => guest.runtime !== null || isSet(next, 'onboot'));
  const guestsMiB = present.reduce((sum, { guest }) => sum + guest.memoryMiB, 0);
  const strict = present.filter(isStrict);
  if (strict.length === 0 || arcMaxMiB === 0 || guestsMiB > totalMiB || guestsMiB + arcMaxMiB <= totalMiB) return null;
  return {
    facts: { vmids: strict.map(({ guest }) => guest.vmid), arcMaxMiB, guestsMiB, totalMiB },
    evidence: [
      ...textEvidence(texts.zfsStatistics, ARC_MAX),
      ...strict.flatMap(vm => keyEvidence(vm, ['hugepages', 'memory', ...boundKeys(vm)])),
    ],
    fix: null,
  };
}

/** Nothing else will do for its memory: pages of a pool, or pages of one node. */
const isStrict = (vm: ExaminedVm): boolean => isSet(vm.next, 'hugepages') || boundKeys(vm).length > 0;

const boundKeys = (vm: ExaminedVm): readonly string[] =>
  countedLines(vm)
    .filter(({ policy }) => policy === 'bind')
    .map(({ key }) => key);
