// All about isolation at boot on one node: what should be asked of the kernel, what is written, and what it made of it.
import type {
  FoundLoader,
  HugepagePool,
  IsolationAdvice,
  IsolationReport,
  KernelAbilities,
} from '#domain/boot-isolation.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { Inventory } from '#domain/inventory.ts';
import { reservedCpus } from '#domain/placement.ts';
import { findBootLoader, type LoaderClues } from './find-boot-loader.ts';
import { foreignWords, isolationWordsIn, isPoolWord } from './isolation-words.ts';
import { judgeIsolation } from './judge-isolation.ts';
import { judgeKernel } from './judge-kernel.ts';
import { type MadeEdit, makeBootEdit, ownWords } from './make-boot-edit.ts';
import { makeBootIsolation, wordsOf } from './make-boot-isolation.ts';

export interface IsolationInput {
  readonly inventory: Inventory;
  /** Hugepages that placed guests need. */
  readonly pools: readonly HugepagePool[];
  readonly clues: LoaderClues;
  readonly kernel: KernelAbilities;
  readonly interruptCpus: CpuSet | null;
  readonly log: readonly string[] | null;
  /** Words that the journal says are written, and those that were and are not any more. */
  readonly recorded: readonly string[];
  readonly undone: readonly string[];
  /** The agent starts with the host. */
  readonly hasAgent: boolean;
}

export function makeIsolationReport(input: IsolationInput): IsolationReport {
  const { inventory, pools, clues, kernel, interruptCpus, log, recorded, undone } = input;
  const { topology, placement, memory } = inventory;
  const { texts } = clues;
  const commandLine = texts.commandLine?.text ?? '';
  const loader = findBootLoader(clues);
  const written = loader.kind === 'found' ? ownWords(loader.loader, texts, recorded) : [];
  const foreign = loader.kind === 'found' ? foreignWords(loader.loader, texts, written) : [];
  const hasForeignPools = foreign.some(({ word }) => isPoolWord(word));
  const plan = makeBootIsolation({ topology, placement, pools, kernel, hasForeignPools });
  const words = wordsOf(plan);
  const running = isolationWordsIn(commandLine);
  const judged = judgeKernel({ topology, memory, plan, kernel, commandLine, interruptCpus, log });
  const state = judgeIsolation({ planned: words, written, undone, running }, judged);
  const made: MadeEdit =
    loader.kind === 'found'
      ? makeBootEdit({ loader: loader.loader, texts, own: written, words })
      : unwritable(loader, words, running);
  return {
    node: inventory.node,
    state,
    plan,
    loader,
    obstacle: made.kind === 'obstacle' ? made.obstacle : null,
    edit: made.kind === 'edit' ? made.edit : null,
    written,
    running,
    problems: state === 'not-as-asked' ? judged : [],
    advice: makeAdvice(input, plan.cpus),
  };
}

/** Whoever boots this host passes all of it on already, or nothing is wanted. */
function unwritable(
  { why }: Extract<FoundLoader, { kind: 'unknown' }>,
  words: readonly string[],
  running: readonly string[],
): MadeEdit {
  if (words.every(word => running.includes(word))) return { kind: 'nothing' };
  return { kind: 'obstacle', obstacle: { kind: 'loader', why } };
}

function makeAdvice({ inventory, hasAgent }: IsolationInput, cpus: CpuSet): readonly IsolationAdvice[] {
  const { topology, placement, partitions = 'no-cgroup2' } = inventory;
  const reserved = placement === null ? cpuSet() : cpuSet(reservedCpus(placement, topology).keys());
  const unused = topology.isolated.difference(reserved);
  const planned: readonly IsolationAdvice[] = [
    { kind: 'partition', support: partitions },
    { kind: 'lost', cpus },
    ...(hasAgent ? [] : [{ kind: 'agent-off' } as const]),
  ];
  return [...(cpus.isEmpty ? [] : planned), ...(unused.isEmpty ? [] : [{ kind: 'unused', cpus: unused } as const])];
}
