// Rules about the `hugepages` of VMs and the pools that they come from.
import type { HugepagesFacts } from '#domain/doctor/hugepages-facts.ts';
import { type NodeSet, nodeSet } from '#domain/id-set.ts';
import { readBootHugepages } from '#proxmox/boot-hugepages.ts';
import type { HugepagePlan } from '#proxmox/hugepage-plan.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import type { StartProblem } from '#proxmox/start-problem.ts';
import { configuredMemory, countOrOne, countSockets, isSet, perlNumber } from '#proxmox/start-values.ts';
import { type DoctorRules, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence, valueEvidence } from '../evidence.ts';
import { countedLines } from '../numa-lines.ts';
import { fixThatStarts, problemEvidence, startRule } from '../start-problems.ts';

export const hugepagesRules: DoctorRules<HugepagesFacts> = {
  'hugepages-without-numa': startRule('breaks-start', 'hugepages-without-numa', (_, vm, view) => ({
    facts: { value: vm.next.get('hugepages') ?? '' },
    evidence: problemEvidence(vm, ['hugepages', 'numa']),
    fix: fixThatStarts(vm, view, [{ key: 'numa', after: '1' }]),
  })),
  'hugepages-host-node': startRule('breaks-start', 'hugepages-host-node', judgeHostNode),
  'hugepages-size': startRule('breaks-start', 'hugepages-size', judgeSize),
  'hugepages-unbound': startRule('ineffective', 'hugepages-unbound', judgeUnbound),
  'hugepages-short': vmRule('breaks-start', findShortage),
  'hugepages-late': vmRule('worth-knowing', findLatePages),
  'hugepages-pool-freed': vmRule('ineffective', findFreedPool),
};

const memoryOf = ({ next }: ExaminedVm): number => Number(configuredMemory(next));

function judgeHostNode(
  [{ keys: problemKeys }]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
): Judgement<HugepagesFacts['hugepages-host-node']> {
  const [key = ''] = problemKeys;
  const nodes = countedLines(vm).find(line => line.key === key)?.hostNodes ?? nodeSet();
  const twoDigits = nodes.size === 1 && nodes.ids.some(id => id > 9);
  return { facts: { key, nodes, twoDigits }, evidence: problemEvidence(vm, [key, 'hugepages']), fix: null };
}

function judgeSize(
  [{ code }]: readonly [StartProblem, ...unknown[]],
  vm: ExaminedVm,
  { startHost }: DoctorView,
): Judgement<HugepagesFacts['hugepages-size']> {
  const supportedMiB = [...startHost.hugepageSizesKiB].map(sizeKiB => sizeKiB / 1024).sort((a, b) => a - b);
  const keys = countedLines(vm).map(({ key }) => key);
  return {
    facts: { value: vm.next.get('hugepages') ?? '', problem: code, memoryMiB: memoryOf(vm), supportedMiB },
    evidence: problemEvidence(vm, ['hugepages', 'memory', 'sockets', ...keys]),
    fix: null,
  };
}

function judgeUnbound(_: unknown, vm: ExaminedVm): Judgement<HugepagesFacts['hugepages-unbound']> {
  const sockets = countSockets(vm.next);
  return {
    facts: { vcpus: sockets * countOrOne(vm.next, 'cores'), memoryMiB: memoryOf(vm), sockets },
    evidence: problemEvidence(vm, ['hugepages', 'numa']),
    fix: null,
  };
}

/** Pages of one size that the start takes from one node, and what is there. */
interface Demand {
  readonly pageMiB: number;
  readonly nodes: NodeSet;
  readonly neededPages: number;
  readonly freePages: number;
  readonly availableMiB: number;
  readonly totalMiB: number;
}

const planOf = ({ next }: ExaminedVm, { startHost }: DoctorView): HugepagePlan =>
  predictStart(next, startHost).hugepages ?? new Map();

/** Nodes whose memory is not known are left out. */
function demandsOf(vm: ExaminedVm, view: DoctorView): readonly Demand[] {
  return [...planOf(vm, view)].flatMap(([size, pages]) =>
    [...pages].flatMap(([id, neededPages]): readonly Demand[] => {
      const nodes = nodeSet([id]);
      const memory = view.inventory.memory.find(({ node }) => nodes.has(node));
      if (memory === undefined) return [];
      const { availableMiB, totalMiB, hugepages } = memory;
      const pageMiB = perlNumber(size);
      const freePages = hugepages.get(pageMiB * 1024)?.free ?? 0;
      return [{ pageMiB, nodes, neededPages, freePages, availableMiB, totalMiB }];
    }),
  );
}

/** Proxmox turns free memory of the node into the pages that the pool lacks. What a running VM holds comes back before its next start. */
function findShortage(vm: ExaminedVm, view: DoctorView): Judgement<HugepagesFacts['hugepages-short']> | null {
  const isEver = ({ neededPages, pageMiB, totalMiB }: Demand) => neededPages * pageMiB > totalMiB;
  const isNow = ({ neededPages, freePages, availableMiB, pageMiB }: Demand) =>
    vm.guest.runtime === null && (neededPages - freePages) * pageMiB > availableMiB;
  const demands = demandsOf(vm, view);
  const short = demands.find(isEver) ?? demands.find(isNow);
  if (short === undefined) return null;
  return judgeDemand(short, vm, { ever: isEver(short) });
}

/** Of a gigabyte in one piece there soon is none left, however much memory is free. */
function findLatePages(vm: ExaminedVm, view: DoctorView): Judgement<HugepagesFacts['hugepages-late']> | null {
  if (vm.guest.runtime !== null || findShortage(vm, view) !== null) return null;
  const late = demandsOf(vm, view).find(
    ({ pageMiB, neededPages, freePages }) => pageMiB === 1024 && neededPages > freePages,
  );
  return late === undefined ? null : judgeDemand(late, vm, {});
}

function judgeDemand<More extends object>({ totalMiB: _, ...demand }: Demand, vm: ExaminedVm, more: More) {
  const keys = countedLines(vm)
    .filter(({ hostNodes }) => !hostNodes.isDisjointFrom(demand.nodes))
    .map(({ key }) => key);
  const poolFile = `/sys/devices/system/node/node${demand.nodes.first}/hugepages/hugepages-${demand.pageMiB * 1024}kB/free_hugepages`;
  return {
    facts: { ...demand, ...more },
    evidence: [
      ...keyEvidence(vm, ['hugepages', 'memory', ...keys]),
      { file: poolFile, line: null, text: `${demand.freePages}` },
    ],
    fix: null,
  };
}

/** A pool is there before the VM starts: pages stand free, or the kernel was booted with some. */
function findFreedPool(vm: ExaminedVm, view: DoctorView): Judgement<HugepagesFacts['hugepages-pool-freed']> | null {
  if (isSet(vm.next, 'keephugepages')) return null;
  const { commandLine } = view.texts;
  for (const size of planOf(vm, view).keys()) {
    const pageMiB = perlNumber(size);
    const pools = view.inventory.memory.flatMap(({ hugepages }) => hugepages.get(pageMiB * 1024) ?? []);
    const totalPages = pools.reduce((sum, { total }) => sum + total, 0);
    const freePages = pools.reduce((sum, { free }) => sum + free, 0);
    const { asked, kept } = readBootHugepages(commandLine?.text ?? '', pageMiB);
    if (totalPages <= kept || (freePages === 0 && asked === 0)) continue;
    const poolFile = `/sys/kernel/mm/hugepages/hugepages-${pageMiB * 1024}kB/nr_hugepages`;
    return {
      facts: { pageMiB, totalPages, freePages, kept, misread: asked !== kept },
      evidence: [
        ...keyEvidence(vm, ['hugepages', 'keephugepages']),
        { file: poolFile, line: null, text: `${totalPages}` },
        ...valueEvidence(asked > 0 ? commandLine : null),
      ],
      fix: { kind: 'config', edits: [{ key: 'keephugepages', after: '1' }] },
    };
  }
  return null;
}
