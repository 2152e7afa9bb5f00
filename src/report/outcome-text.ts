// What another plan would cost against the chosen one, in words: the difference that decides comes first.
import type { AimDifference, Outcome } from '#domain/alternative.ts';
import type { VmId } from '#domain/ids.ts';
import type { AimName, Infeasible } from '#domain/plan.ts';
import { renderMib } from './memory-text.ts';

/** Later differences are weighed only where the earlier ones are equal: a few tell enough. */
const MOST_DIFFERENCES = 3;

/** Some clauses without a full stop; `about` is the guest that stands in the line already. */
export function describeOutcome(outcome: Outcome, about: VmId | null = null): string {
  if (outcome.kind === 'impossible') return describeImpossible(outcome, about);
  const told = outcome.differences.slice(0, MOST_DIFFERENCES);
  const turn = told.findIndex(({ by }) => by > 0 !== (told[0]?.by ?? 0) > 0);
  const clauses = told.map(
    (difference, index) => `${index === turn ? 'but ' : ''}${describeDifference(difference, about)}`,
  );
  const size = Math.abs(outcome.reservedCpus);
  if (size > 0) clauses.push(`${amount(size, 'CPU')} ${outcome.reservedCpus > 0 ? 'more' : 'fewer'} kept from others`);
  return clauses.length === 0 ? 'as good' : clauses.join(', ');
}

function describeDifference({ aim, by, vmids }: AimDifference, about: VmId | null): string {
  const words = AIM_DIFFERENCES[aim](Math.abs(by), by > 0);
  const others = vmids.filter(vmid => vmid !== about);
  // Where a sum changes for this guest alone, the line says so already.
  const isNamed = others.length > 0 || (about === null && vmids.length > 0);
  return isNamed ? `${words} (${vmids.join(', ')})` : words;
}

/** Each with the size of the difference, and whether there would be more of it. */
const AIM_DIFFERENCES: Readonly<Record<AimName, (size: number, more: boolean) => string>> = {
  nodes: (size, more) => `${amount(size, 'NUMA node')} ${more ? 'more' : 'fewer'}`,
  distance: (size, more) => `${more ? 'longer' : 'shorter'} ways inside guests (by ${size})`,
  deviceDistance: (size, more) => `${more ? 'farther from' : 'nearer to'} devices (by ${size})`,
  llcs: (size, more) => `${amount(size, 'last-level cache')} ${more ? 'more' : 'fewer'}`,
  smallCache: (size, more) => `${amount(size, 'vCPU')} ${more ? 'more' : 'fewer'} outside the large cache`,
  efficiencyCores: (size, more) => `${amount(size, 'vCPU')} ${more ? 'more' : 'fewer'} on efficiency cores`,
  imbalance: (_, more) => `a ${more ? 'less' : 'more'} even split over nodes`,
  memoryElsewhere: (size, more) => `${size} GiB ${more ? 'more' : 'less'} on other nodes until a restart`,
  sharedCores: (size, more) => `${amount(size, 'core')} ${more ? 'more' : 'fewer'} shared between guests`,
  pressure: (_, more) => `confined guests ${more ? 'more' : 'less'} crowded`,
  nodeFragmentation: (size, more) =>
    `${amount(size, 'core')} ${more ? 'less' : 'more'} for the largest guest in one node`,
  llcFragmentation: (size, more) =>
    `${amount(size, 'core')} ${more ? 'less' : 'more'} for the largest guest in one cache`,
  moves: (size, more) => (more ? `${amount(size, 'more vCPU')} to move` : `${amount(size, 'vCPU')} fewer to move`),
};

function describeImpossible(
  { lack, vmids, memory, proved }: Extract<Outcome, { kind: 'impossible' }>,
  about: VmId | null,
): string {
  const others = vmids.filter(vmid => vmid !== about);
  const alone = about !== null && others.length === 0;
  const verdict = proved ? 'impossible' : 'not found';
  if (alone && memory)
    return `${verdict}: it needs ${renderMib(memory.neededMiB)}, and ${renderMib(memory.thereMiB)} are to be had there`;
  return alone ? `${verdict}: ${LACKS_ALONE[lack]}` : `${verdict} beside ${others.join(', ')}: ${LACKS[lack]}`;
}

const LACKS: Readonly<Record<Infeasible['lack'], string>> = {
  cores: 'too few cores',
  memory: 'too little memory',
  placement: 'not all of them find a place',
  'core-kind': 'too few cores with two threads',
  cpus: 'too few CPUs would be left for containers',
};

const LACKS_ALONE: Readonly<Record<Infeasible['lack'], string>> = {
  ...LACKS,
  placement: 'it does not fit there',
};

/** `1 core`, `2 cores`. */
export const amount = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
