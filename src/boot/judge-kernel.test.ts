// What the kernel did with its parameters, from what it shows and what it said.
import { describe, expect, it } from 'vitest';
import type { BootIsolation, KernelAbilities } from '#domain/boot-isolation.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { numaNodeId, vmId } from '#domain/ids.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { judgeKernel } from './judge-kernel.ts';

/** CPU N and N+16 are siblings. */
const { topology, memory } = makeInventory(shapes.article, []);
const able: KernelAbilities = { release: '6.12', nohzFull: true, rcuNocbs: true, hugepagesByNode: true };
const nothing: BootIsolation = {
  ...{ cpus: cpuSet(), rest: topology.present },
  ...{ parameters: [], leftParameters: [], leftCpus: [] },
};

interface Seen {
  readonly isolated?: string;
  readonly nohzFull?: string;
  readonly interrupts?: string;
  readonly log?: readonly string[] | null;
  readonly plan?: BootIsolation;
  readonly kernel?: KernelAbilities;
}

const judge = (commandLine: string, { isolated = '', nohzFull = '', interrupts, log = [], plan, kernel }: Seen) =>
  judgeKernel({
    topology: { ...topology, isolated: parseCpuList(isolated), nohzFull: parseCpuList(nohzFull) },
    ...{ memory, commandLine, log, plan: plan ?? nothing, kernel: kernel ?? able },
    interruptCpus: interrupts === undefined ? null : parseCpuList(interrupts),
  });

const kindsOf = (problems: ReturnType<typeof judge>) =>
  problems.map(problem => ('parameter' in problem ? `${problem.kind} ${problem.parameter}` : problem.kind));

const ALL = 'isolcpus=managed_irq,domain,4-7,20-23 nohz_full=4-7,20-23 rcu_nocbs=4-7,20-23 irqaffinity=0-3,8-19,24-31';
const TAKEN: Seen = {
  ...{ isolated: '4-7,20-23', nohzFull: '4-7,20-23', interrupts: '0-3,8-19,24-31' },
  log: ['NO_HZ: Full dynticks CPUs: 4-7,20-23.', 'rcu: \\x09Offload RCU callbacks from CPUs: 4-7,20-23.'],
};

describe('judgeKernel()', () => {
  it('finds nothing wrong when all is as asked', () => {
    expect(judge(ALL, TAKEN)).toEqual([]);
  });

  it.each<[string, string, Seen]>([
    ['a kernel that was asked for nothing', 'quiet', {}],
    ['a log that cannot be read', ALL, { ...TAKEN, log: null }],
    ['a list in other words', 'isolcpus=domain,4-N:4/16', { isolated: '4-7,20-23' }],
    ['interrupts that were narrowed further', ALL, { ...TAKEN, interrupts: '0,16' }],
    ['the same value twice', 'isolcpus=4,20 isolcpus=4,20', { isolated: '4,20' }],
  ])('finds nothing wrong with %s', (_, commandLine, seen) => {
    expect(judge(commandLine, seen)).toEqual([]);
  });

  it.each<[string, string, Seen, readonly string[]]>([
    ['a list that was refused', 'isolcpus=4-x', {}, ['shortened isolcpus']],
    ['CPUs that are not there', 'isolcpus=4,20,99', { isolated: '4,20' }, []],
    ['a part of a list', 'isolcpus=4-5,20-21', { isolated: '4,20' }, ['shortened isolcpus']],
    ['a flag that isolates from nothing', 'isolcpus=managed_irq,4,20', {}, ['shortened isolcpus']],
    ['two values', 'isolcpus=4,20 isolcpus=5,21', { isolated: '4,20' }, ['doubled isolcpus']],
    ['two values of interrupts', 'irqaffinity=0 irqaffinity=1', { interrupts: '0' }, ['doubled irqaffinity']],
    ['no tick taken off', 'nohz_full=4,20', {}, ['shortened nohz_full']],
    ['a kernel without it', 'nohz_full=4', { kernel: { ...able, nohzFull: false } }, ['unsupported nohz_full']],
    [
      'a kernel that says it is without it',
      'nohz_full=4',
      { log: ['Housekeeping: nohz unsupported. Build with CONFIG_NO_HZ_FULL'] },
      ['unsupported nohz_full'],
    ],
    [
      'fewer callbacks moved',
      'rcu_nocbs=4-7',
      { log: ['rcu: \\x09Offload RCU callbacks from CPUs: 4-5.'] },
      ['shortened rcu_nocbs'],
    ],
    ['interrupts on other CPUs', 'irqaffinity=0-3', { interrupts: '0-31' }, ['shortened irqaffinity']],
    ['half a core', 'isolcpus=4', { isolated: '4' }, ['open-siblings']],
    [
      'CPUs that are dedicated',
      'isolcpus=4,20',
      { isolated: '4,20', plan: { ...nothing, cpus: cpuSet([5, 21]) } },
      ['not-isolated'],
    ],
  ])('finds %s', (_, commandLine, seen, kinds) => {
    expect(kindsOf(judge(commandLine, seen))).toEqual(kinds);
  });

  it("finds all that is wrong with the tutorial's line, with the kernel's own words", () => {
    const clearing = 'NO_HZ: Clearing 0 from nohz_full range for timekeeping';
    const log = [clearing, 'NO_HZ: Full dynticks CPUs: 1-3.', 'rcu: \\x09Offload RCU callbacks from CPUs: 0-3.'];
    const problems = judge('isolcpus=0-3 nohz_full=0-3 rcu_nocbs=0-3', { isolated: '0-3', nohzFull: '1-3', log });
    expect(kindsOf(problems)).toEqual([
      'boot-cpu isolcpus',
      'boot-cpu nohz_full',
      'boot-cpu rcu_nocbs',
      'open-siblings',
    ]);
    expect(problems[1]).toMatchObject({ cpus: cpuSet([1, 2, 3]), log: clearing });
  });

  it('counts the pages of each node, once they were asked for', () => {
    const pools = [{ node: numaNodeId(1), sizeKiB: 2048, pages: 512, vmids: [vmId(100)] }];
    const words = ['hugepagesz=2M', 'hugepages=1:512'];
    const plan: BootIsolation = { ...nothing, parameters: [{ name: 'hugepages', words, pools }] };
    expect(judge(words.join(' '), { plan })).toEqual([
      { kind: 'pool-short', node: 1, sizeKiB: 2048, asked: 512, taken: 0 },
    ]);
    expect(judge('quiet', { plan })).toEqual([]);
  });
});
