// Rules about the `numa` and `numaN` lines of VMs: their number, their vCPUs, their memory.
import type { NumaFacts } from '#domain/doctor/numa-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet, IdSet, unionOf } from '#domain/id-set.ts';
import type { VcpuIndex } from '#domain/ids.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { numaKeys } from '#proxmox/numa-entry.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import type { StartProblem } from '#proxmox/start-problem.ts';
import { configuredMemory, countOrOne, countSockets, isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, lineEvidence } from '../evidence.ts';
import { countedLines, droppedLines, type NumaLine, withProperty } from '../numa-lines.ts';
import { fixThatStarts, problemEvidence, startProblems, startRule } from '../start-problems.ts';

export const numaRules: DoctorRules<NumaFacts> = {
  'numa-line-without-numa': vmRule('ineffective', findLinesWithoutNuma),
  'numa-line-dropped': vmRule('ineffective', findDroppedLines),
  'start-fails': startRule('breaks-start', 'start-fails', ([{ code, keys, says }], vm) => ({
    facts: { problem: code, keys, says },
    evidence: problemEvidence(vm, keys),
    fix: null,
  })),
  'numa-memory-sum': startRule('breaks-start', 'numa-memory-sum', judgeSum),
  'numa-memory-sockets': startRule('breaks-start', 'numa-memory-sum', judgeSockets),
  'numa-vcpus-beyond': startRule('breaks-start', 'numa-vcpus-beyond', judgeBeyond),
  'numa-host-cpus': startRule('breaks-start', 'numa-vcpus-beyond', judgeHostCpus),
  'numa-vcpus-twice': startRule('breaks-start', 'numa-vcpus-twice', judgeTwice),
  'numa-vcpus-uncovered': startRule('ineffective', 'numa-vcpus-uncovered', judgeUncovered),
  'numa-node-gap': startRule('breaks-start', 'numa-node-gap', judgeGap),
};

/** `numa: 1` makes the lines count, right or wrong: it is only offered where the VM then starts, and is not bound to memory that may run out. */
function findLinesWithoutNuma(
  vm: ExaminedVm,
  { startHost }: DoctorView,
): Judgement<NumaFacts['numa-line-without-numa']> | null {
  const keys = numaKeys(vm.next);
  if (keys.length === 0 || isSet(vm.next, 'numa')) return null;
  const { starts, problems } = predictStart(new Map([...vm.next, ['numa', '1']]), startHost);
  const problem = starts ? null : (problems[0]?.code ?? null);
  const binds = keys.some(key => /(^|,)policy=bind(,|$)/.test(vm.next.get(key) ?? ''));
  return {
    facts: { keys, binds, problem },
    evidence: keyEvidence(vm, ['numa', ...keys]),
    fix: starts && !binds ? { kind: 'config', edits: [{ key: 'numa', after: '1' }] } : null,
  };
}

/** Where the missing line stops the start, those findings name it. */
function findDroppedLines(vm: ExaminedVm, view: DoctorView): Judgement<NumaFacts['numa-line-dropped']> | null {
  const dropped = droppedLines(vm);
  const isTold = startProblems(vm, view).some(({ code }) => code === 'numa-node-gap' || code === 'numa-memory-sum');
  if (dropped.length === 0 || isTold) return null;
  return {
    facts: { keys: [...new Set(dropped.map(({ key }) => key))] },
    evidence: dropped.map(({ line }) => lineEvidence(vm.source, line)),
    fix: null,
  };
}

const memoryOf = ({ next }: ExaminedVm): number => Number(configuredMemory(next));
const vcpusOf = ({ next }: ExaminedVm): number => countSockets(next) * countOrOne(next, 'cores');
const keysOf = (lines: readonly NumaLine[]): readonly string[] => lines.map(({ key }) => key);

/** Of nodes that Proxmox makes itself, one for each socket. */
const isOfSockets = ({ keys }: StartProblem): boolean => keys.includes('sockets');

function judgeSum(
  [problem]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
  view: DoctorView,
): Judgement<NumaFacts['numa-memory-sum']> | null {
  if (isOfSockets(problem)) return null;
  const lines = countedLines(vm);
  const dropped = droppedLines(vm);
  const missing = lines.filter(({ memoryMiB }) => !memoryMiB);
  const sumMiB = lines.reduce((sum, line) => sum + (line.memoryMiB ?? 0), 0);
  // One line, or one without a value, can only have what the others leave.
  const [open, ...others] = missing.length > 0 ? missing : lines;
  const restMiB = memoryOf(vm) - sumMiB + (open?.memoryMiB ?? 0);
  const isClear = open !== undefined && others.length === 0 && dropped.length === 0 && restMiB > 0;
  const edits = isClear ? [{ key: open.key, after: withProperty(open.text, 'memory', `${restMiB}`) }] : [];
  return {
    facts: {
      keys: keysOf(lines),
      missing: keysOf(missing),
      dropped: dropped.map(({ key }) => key),
      sumMiB,
      memoryMiB: memoryOf(vm),
    },
    evidence: [
      ...problemEvidence(vm, ['memory', ...keysOf(lines)]),
      ...dropped.map(({ line }) => lineEvidence(vm.source, line)),
    ],
    fix: fixThatStarts(vm, view, edits),
  };
}

function judgeSockets(
  [problem]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
  view: DoctorView,
): Judgement<NumaFacts['numa-memory-sockets']> | null {
  if (!isOfSockets(problem)) return null;
  const [memoryMiB, sockets] = [memoryOf(vm), countSockets(vm.next)];
  const after = `${Math.ceil(memoryMiB / sockets) * sockets}`;
  return {
    facts: { memoryMiB, sockets },
    evidence: problemEvidence(vm, ['memory', 'sockets', 'numa']),
    fix: fixThatStarts(vm, view, [{ key: 'memory', after }]),
  };
}

function judgeBeyond(_: unknown, vm: ExaminedVm, view: DoctorView): Judgement<NumaFacts['numa-vcpus-beyond']> | null {
  if (hostCpusIn(vm, view) !== null) return null;
  const vcpus = vcpusOf(vm);
  const wrong = countedLines(vm).filter(line => line.vcpus.some(vcpu => vcpu >= vcpus));
  const beyond = vcpuSet(wrong.flatMap(line => line.vcpus)).filter(vcpu => vcpu >= vcpus);
  return {
    facts: { keys: keysOf(wrong), beyond: encodeIdList(beyond), vcpus },
    evidence: problemEvidence(vm, ['sockets', 'cores', ...keysOf(wrong)]),
    fix: null,
  };
}

const vcpuSet = (ids: Iterable<VcpuIndex>): IdSet<VcpuIndex> => IdSet.of(ids);

function judgeHostCpus(_: unknown, vm: ExaminedVm, view: DoctorView): Judgement<NumaFacts['numa-host-cpus']> | null {
  const matches = hostCpusIn(vm, view);
  if (matches === null) return null;
  const lines = countedLines(vm);
  const cpus = vcpuSet(lines.flatMap(line => line.vcpus));
  const counted = lines.reduce((sum, line) => sum + line.vcpus.length, 0);
  const isOneToOne = counted === cpus.size && counted === vcpusOf(vm);
  return {
    facts: { keys: keysOf(lines), cpus: encodeIdList(cpus), vcpus: vcpusOf(vm), matches },
    evidence: problemEvidence(vm, ['affinity', 'sockets', 'cores', ...keysOf(lines)]),
    fix: fixThatStarts(vm, view, isOneToOne ? countVcpusAnew(lines) : []),
  };
}

/** Numbers that mean CPUs of the host: all those of the affinity, or one for each vCPU, on the very nodes that the lines name. */
function hostCpusIn(vm: ExaminedVm, { inventory }: DoctorView): 'affinity' | 'node' | null {
  const lines = countedLines(vm);
  const written = unionOf(lines.map(line => cpuSet(line.vcpus)));
  const affinity = parseAffinity(vm.next.get('affinity') ?? '');
  if (affinity.kind === 'set' && affinity.cpus.equals(written)) return 'affinity';
  const areOnTheirNodes = lines.every(line => {
    const homes = inventory.topology.nodes.filter(({ id }) => line.hostNodes.has(id));
    return cpuSet(line.vcpus).isSubsetOf(unionOf(homes.map(({ cpus }) => cpus)));
  });
  return areOnTheirNodes && written.size === vcpusOf(vm) ? 'node' : null;
}

/** Each line as many vCPUs as it has CPUs now, from 0 on. */
function countVcpusAnew(lines: readonly NumaLine[]) {
  let first = 0;
  return lines.map(({ key, text, vcpus }) => {
    const ids = cpuSet(vcpus.map((_, offset) => first + offset));
    first += vcpus.length;
    return { key, after: withProperty(text, 'cpus', encodeIdList(ids, ';')) };
  });
}

function judgeTwice(_: unknown, vm: ExaminedVm): Judgement<NumaFacts['numa-vcpus-twice']> {
  const lines = countedLines(vm);
  const isIn = (vcpu: VcpuIndex) => lines.filter(line => line.vcpus.includes(vcpu)).length;
  const twice = vcpuSet(lines.flatMap(line => line.vcpus)).filter(vcpu => isIn(vcpu) > 1);
  const keys = keysOf(lines.filter(line => line.vcpus.some(vcpu => twice.has(vcpu))));
  return { facts: { keys, twice: encodeIdList(twice) }, evidence: problemEvidence(vm, keys), fix: null };
}

/** QEMU gives what is left to node 0: with one line, to write that down changes nothing for the guest. */
function judgeUncovered(_: unknown, vm: ExaminedVm, view: DoctorView): Judgement<NumaFacts['numa-vcpus-uncovered']> {
  const lines = countedLines(vm);
  const vcpus = vcpusOf(vm);
  const covered = cpuSet(lines.flatMap(line => line.vcpus));
  const all = cpuSet(Array.from({ length: vcpus }, (_, vcpu) => vcpu));
  const [only, ...others] = lines;
  const isClear = only !== undefined && others.length === 0;
  const edits = isClear ? [{ key: only.key, after: withProperty(only.text, 'cpus', encodeIdList(all)) }] : [];
  return {
    facts: { keys: keysOf(lines), uncovered: encodeIdList(all.difference(covered)), vcpus },
    evidence: problemEvidence(vm, ['sockets', 'cores', ...keysOf(lines)]),
    fix: fixThatStarts(vm, view, edits),
  };
}

function judgeGap(_: unknown, vm: ExaminedVm, view: DoctorView): Judgement<NumaFacts['numa-node-gap']> {
  const lines = countedLines(vm);
  const last = Math.max(...lines.map(({ index }) => index));
  const gaps = Array.from({ length: last }, (_, index) => `numa${index}`).filter(key => !vm.next.has(key));
  const dropped = droppedLines(vm);
  const moved = lines.map(({ text }, index) => ({ key: `numa${index}`, after: text }));
  const left = keysOf(lines).filter(key => !moved.some(({ key: taken }) => taken === key));
  const edits = [...moved, ...left.map(key => ({ key, after: null }))];
  return {
    facts: { keys: keysOf(lines), gaps, dropped: dropped.map(({ key }) => key) },
    evidence: [...problemEvidence(vm, keysOf(lines)), ...dropped.map(({ line }) => lineEvidence(vm.source, line))],
    fix: dropped.length === 0 ? fixThatStarts(vm, view, edits) : null,
  };
}
