// Rules about the host nodes to which `numaN` lines bind memory, and what these nodes have.
import type { HostNodesFacts } from '#domain/doctor/host-nodes-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type NodeSet, nodeSet } from '#domain/id-set.ts';
import { joinHostNodes, parseQemuHostNodes } from '#proxmox/host-node-list.ts';
import { parseNumaEntry } from '#proxmox/numa-entry.ts';
import type { StartProblem } from '#proxmox/start-problem.ts';
import { countSockets } from '#proxmox/start-values.ts';
import type { DoctorRules, Judgement } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { countedLines, withProperty } from '../numa-lines.ts';
import { type ConfigEdits, fixThatStarts, problemEvidence, startRule } from '../start-problems.ts';
import { boundMemoryRules } from './bound-memory-rules.ts';

export const hostNodesRules: DoctorRules<HostNodesFacts> = {
  'host-node-absent': startRule('breaks-start', 'host-node-absent', judgeAbsent),
  'host-node-without-memory': startRule('breaks-start', 'host-node-without-memory', judgeWithoutMemory),
  'host-nodes-garbled': startRule('ineffective', 'host-nodes-garbled', judgeGarbled),
  'host-nodes-refused': startRule('breaks-start', 'host-nodes-refused', judgeRefused),
  'host-nodes-without-policy': startRule('breaks-start', 'host-nodes-without-policy', judgeWithoutPolicy),
  'policy-without-host-nodes': startRule('ineffective', 'policy-without-host-nodes', (problems, vm) => {
    const keys = problems.flatMap(problem => problem.keys);
    return { facts: { keys }, evidence: problemEvidence(vm, keys), fix: null };
  }),
  ...boundMemoryRules,
};

const firstKey = ({ keys: [key = ''] }: StartProblem): string => key;

/** As written in the line of that key. */
const writtenNodes = (vm: ExaminedVm, key: string): NodeSet =>
  countedLines(vm).find(line => line.key === key)?.hostNodes ?? nodeSet();

function judgeAbsent(
  [problem]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
  { startHost }: DoctorView,
): Judgement<HostNodesFacts['host-node-absent']> {
  const key = firstKey(problem);
  const ofSockets = nodeSet(Array.from({ length: countSockets(vm.next) }, (_, node) => node));
  const wanted = key === 'hugepages' ? ofSockets : writtenNodes(vm, key);
  const absent = wanted.difference(startHost.nodes);
  return {
    // A node that is written `01` is not found either.
    facts: { key, absent: absent.isEmpty ? wanted : absent, present: startHost.nodes },
    evidence: problemEvidence(vm, key === 'hugepages' ? ['sockets', key] : [key]),
    fix: null,
  };
}

function judgeWithoutMemory(
  [problem]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
  { startHost }: DoctorView,
): Judgement<HostNodesFacts['host-node-without-memory']> {
  const key = firstKey(problem);
  return {
    facts: { key, nodes: writtenNodes(vm, key), withMemory: startHost.memoryNodes },
    evidence: problemEvidence(vm, [key]),
    fix: null,
  };
}

function judgeGarbled(
  problems: readonly StartProblem[],
  vm: ExaminedVm,
  view: DoctorView,
): Judgement<HostNodesFacts['host-nodes-garbled']> {
  const keys = problems.flatMap(problem => problem.keys);
  const lines = keys.map(key => ({ key, written: writtenNodes(vm, key), bound: boundNodes(vm, key, view) }));
  return {
    facts: { lines },
    evidence: problemEvidence(vm, keys),
    fix: fixThatStarts(vm, view, asRanges(vm, keys)),
  };
}

/** What QEMU makes of the text that Proxmox makes of the list. */
function boundNodes({ next }: ExaminedVm, key: string, { startHost }: DoctorView): NodeSet {
  const { hostNodes } = parseNumaEntry(key, next.get(key) ?? '');
  return parseQemuHostNodes(joinHostNodes(key, hostNodes ?? [], startHost)) ?? nodeSet();
}

/** Lists that are one gapless range, written as such; nothing where one is not. */
function asRanges(vm: ExaminedVm, keys: readonly string[]): ConfigEdits {
  const edits = keys.map(key => {
    const range = encodeIdList(writtenNodes(vm, key));
    return { key, after: withProperty(vm.next.get(key) ?? '', 'hostnodes', range), isRange: !range.includes(',') };
  });
  return edits.every(({ isRange }) => isRange) ? edits.map(({ key, after }) => ({ key, after })) : [];
}

function judgeRefused(
  [problem]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
  view: DoctorView,
): Judgement<HostNodesFacts['host-nodes-refused']> {
  const key = firstKey(problem);
  const value = /(?:^|,)hostnodes=([^,]*)/.exec(vm.next.get(key) ?? '')?.[1] ?? '';
  return {
    facts: { key, value },
    evidence: problemEvidence(vm, [key]),
    fix: fixThatStarts(vm, view, asRanges(vm, [key])),
  };
}

/** Of the three policies `preferred` is the one under which nothing can go wrong. */
function judgeWithoutPolicy(
  [problem]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
  view: DoctorView,
): Judgement<HostNodesFacts['host-nodes-without-policy']> {
  const key = firstKey(problem);
  const edits = countedLines(vm)
    .filter(({ hostNodes, policy }) => !hostNodes.isEmpty && policy === null)
    .map(line => ({ key: line.key, after: withProperty(line.text, 'policy', 'preferred') }));
  return {
    facts: { key, nodes: writtenNodes(vm, key) },
    evidence: problemEvidence(vm, [key]),
    fix: fixThatStarts(vm, view, edits),
  };
}
