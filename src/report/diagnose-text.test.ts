// What people read of a diagnosis: every verdict has its sentence, every number its place.
import { describe, expect, it } from 'vitest';
import {
  ADVICE,
  type ContainerDiagnosis,
  type DiagnoseReport,
  type GuestDiagnosis,
  PIN_OBSTACLES,
  VERDICTS,
} from '#domain/diagnosis.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vcpuIndex, vmId } from '#domain/ids.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { renderDiagnosis, renderProgress } from './diagnose-text.ts';
import { ADVICE_TEXTS, OBSTACLE_TEXTS, renderShare, VERDICT_TEXTS } from './diagnose-words.ts';
import { makePaint } from './paint.ts';

type Measured = Extract<GuestDiagnosis, { state: 'measured' }>;

const vcpu = (index: number, waitShare: number): Measured['measure']['vcpus'][number] => ({
  ...{ index: vcpuIndex(index), runShare: 0.61, waitShare, waitPerSliceUs: 2140, involuntaryPerS: 12.34 },
  ...{ voluntaryPerS: 40, migrationsPerS: null, crossingsPerS: 0.3, awayShare: 0.2 },
  ...{ cpus: cpuSet([4, 5]), allowed: cpuSet([4, 5, 6]) },
});

const starved: Measured = {
  ...{ state: 'measured', vmid: vmId(101) },
  measure: {
    vcpus: [vcpu(0, 0.234)],
    ...{ runShare: 0.61, waitShare: 0.234, throttledShare: 0, throttledPeriods: null },
    competition: [
      { who: { kind: 'guest', vmid: vmId(104) }, share: 0.21 },
      { who: { kind: 'task', pid: 52, name: 'evil\x1b[31m' }, share: 0.02 },
      { who: { kind: 'unseen' }, share: 0.004 },
    ],
    helpers: [],
    memory: {
      source: 'memory.numa_stat',
      residentMiB: new Map([
        [numaNodeId(0), 2048],
        [numaNodeId(1), 512],
      ]),
      vcpuNodes: nodeSet([0]),
      remoteShare: 0.2,
    },
    ...{ cpuStall: 0.3, memoryStall: 0, ioStall: null, interruptsPerS: 1234.5 },
    frequency: { nowMHz: 2900, maxMHz: 3600 },
  },
  verdicts: [
    { kind: 'starved-by-guest', share: 0.21 },
    { kind: 'memory-remote', share: 0.2 },
  ],
  advice: ['dedicated', 'move-memory-by-restart'],
  doNotPin: null,
};

const report = (...guests: readonly GuestDiagnosis[]): DiagnoseReport => ({
  ...{ node: 'pve', seconds: 10.04, interrupted: false, unknown: [], guests, containers: [] },
  host: { busyShare: 0.345, cpuStall: 0.021, memoryStall: null, ioStall: 0 },
});
const inventory = makeInventory(shapes.article, [makeVm(101, 1, { name: 'game' }), makeVm(104, 1, { name: 'noise' })]);
const render = (value: DiagnoseReport) => renderDiagnosis(value, inventory, makePaint(false));

describe('renderDiagnosis()', () => {
  it('says what a guest loses, to whom, the evidence, and what to do', () => {
    expect(render(report(starved))).toBe(
      [
        'Diagnose pve  10.0 s  host 35 % busy; some task waited 2.1 % for a CPU, 0 % for disks',
        '',
        '✗ 101 game: Other guests hold its CPUs for 21 % of the time in which it wants them.',
        '    20 % of its memory is on NUMA nodes where its vCPUs do not run.',
        '    ran 61 % of the time on 1 vCPU, waited 23 % of the time in which it wanted a CPU',
        '    lost to guest 104 noise 21 %, evil?[31m (process 52) 2 %, short-lived tasks 0.4 %',
        '    vCPU 0: ran 61 %, waited 23 %, 2.1 ms each time, taken off 12/s, on CPU 4-5 of 4-6',
        '    memory: 2 GiB on node 0, 512 MiB on node 1; its vCPUs ran on node 0',
        '    some thread waited for a CPU 30 % of the time; 1235 device interrupts/s on its CPUs; 2900 of 3600 MHz',
        '    Do: Give it CPUs of its own: `berth policy set 101 class=dedicated`, then `berth plan`.',
        '    Do: Its memory moves when it is stopped and started with a placement (a reboot inside the guest is not enough).',
        '',
      ].join('\n'),
    );
  });

  it('says why pinning would not help', () => {
    const fine: Measured = {
      ...starved,
      verdicts: [{ kind: 'fine', share: 0 }],
      advice: ['nothing'],
      doNotPin: 'nothing-lost',
    };
    const text = render(report(fine));
    expect(text).toContain('✓ 101 game: It loses nothing.');
    expect(text).toContain('Do not pin it: it waits for less than 1 % of the time in which it wants a CPU.');
  });

  it('shows of many vCPUs those that waited most, in their order', () => {
    const vcpus = Array.from({ length: 20 }, (_, index) => vcpu(index, index / 100));
    const text = render(report({ ...starved, measure: { ...starved.measure, vcpus } }));
    expect([...text.matchAll(/vCPU (\d+):/g)].map(([, index]) => index)).toEqual([
      '12',
      '13',
      '14',
      '15',
      '16',
      '17',
      '18',
      '19',
    ]);
    expect(text).toContain('… and 12 vCPUs that waited less');
  });

  it.each<readonly [Exclude<GuestDiagnosis['state'], 'measured'>, string | null, string]>([
    ['stopped', null, '· 101 game: It does not run.'],
    ['gone', null, '· 101 game: It stopped while it was sampled.'],
    ['unreadable', 'no answer\x07', '· 101 game: It runs, but could not be measured: no answer?'],
  ])('says that a guest is %s', (state, reason, line) => {
    expect(render(report({ state, vmid: vmId(101), reason }))).toContain(`${line}\n`);
  });

  it('says when it ended early, when no VM runs, and once what could not be read', () => {
    const unknown = ['/proc/x', '/proc/x', '/proc/y'].map(path => ({ path, reason: 'gone' }));
    const text = render({ ...report(), interrupted: true, unknown });
    expect(text).toContain('10.0 s, ended early');
    expect(text).toContain('No guest runs on this node.');
    expect(text.match(/not known: .*/g)).toEqual(['not known: /proc/x and 1 more: gone']);
  });
});

describe('renderDiagnosis() of what serves a VM, and of containers', () => {
  it('tells the threads that wait, with their numbers', () => {
    const helper = { kind: 'iothread', name: 'iothread0\x1b', tid: 4711, runShare: 0.12, waitShare: 0.08 } as const;
    const helpers = [{ ...helper, waitPerSliceUs: 340, cpus: cpuSet([0, 16]) }];
    expect(render(report({ ...starved, measure: { ...starved.measure, helpers } }))).toContain(
      '\n    iothread iothread0? (thread 4711): ran 12 % of the time, waited 8 %, 340 µs each time, on CPU 0,16\n',
    );
  });

  it('says what a container loses, the evidence, and what to do', () => {
    const container: ContainerDiagnosis = {
      vmid: vmId(104),
      measure: {
        ...{ usedCpus: 1.5, cores: 4, allowed: cpuSet([4, 5]), throttledShare: 0.3, throttledPeriods: 0.5 },
        ...{ cpuStall: 0.4, memoryStall: 0.001, ioStall: null },
        running: [
          { who: { kind: 'itself' }, share: 0.75 },
          { who: { kind: 'guest', vmid: vmId(101) }, share: 0.2 },
        ],
      },
      verdicts: [
        { kind: 'throttled-by-limit', share: 0.3 },
        { kind: 'narrow-cpuset', share: 0.5 },
      ],
      advice: ['raise-cpulimit', 'widen-affinity'],
    };
    const idle = { ...container, verdicts: [{ kind: 'idle-nothing-to-see', share: 0 }], advice: ['nothing'] } as const;
    const text = render({ ...report(), containers: [container] });
    expect(text.split('\n').slice(2, -1)).toEqual([
      '✗ 104 noise: Its CPU limit stops it for 30 % of the time in which it wants CPUs.',
      '    50 % of its cores are not there: its cpuset has fewer CPUs.',
      '    used 1.50 CPUs; may run on CPUs 4-5, cores: 4',
      '    on those CPUs ran its own threads 75 %, guest 101 game 20 %',
      '    some task of it waited 40 % for a CPU, 0.1 % for memory',
      '    its limit stopped it in 50 % of the periods',
      '    Do: Raise or remove its limit: `pct set 104 --cpulimit …`. Pinning cannot give what the limit takes.',
      expect.stringMatching(/^ {4}Do: Give it more CPUs: `pct set 104 --cores …`/),
    ]);
    expect(render({ ...report(), containers: [idle] })).toMatch(/✓ 104 noise: It was idle: .*\n$/);
  });
});

describe('renderProgress()', () => {
  const calm: GuestDiagnosis = { ...starved, vmid: vmId(104), measure: { ...starved.measure, waitShare: 0.0005 } };

  it('puts the guest that waits most first', () => {
    expect(renderProgress(report(calm, starved), { elapsedMs: 10_040, seconds: 30, width: 80 })).toBe(
      '10 of 30 s  101 waits 23 %, 104 waits less than 0.1 %',
    );
  });

  it('fits into a narrow terminal', () => {
    expect(renderProgress(report(calm, starved), { elapsedMs: 10_040, seconds: 30, width: 20 })).toBe(
      '10 of 30 s  101 wai',
    );
  });
});

describe('renderShare()', () => {
  it.each([
    [0, '0 %'],
    [0.0005, 'less than 0.1 %'],
    [0.0123, '1.2 %'],
    [0.02, '2 %'],
    [0.5, '50 %'],
    [1, '100 %'],
  ])('%d is %s', (share, text) => {
    expect(renderShare(share)).toBe(text);
  });
});

describe('the words of diagnose', () => {
  it.each([
    ['verdict', VERDICTS.map(kind => VERDICT_TEXTS[kind]('12 %'))],
    [
      'piece of advice',
      ADVICE.flatMap(kind => (kind === 'nothing' ? [] : [ADVICE_TEXTS[kind]({ vmid: vmId(101), command: 'qm' })])),
    ],
    [
      'piece of advice for a container',
      ADVICE.flatMap(kind => (kind === 'nothing' ? [] : [ADVICE_TEXTS[kind]({ vmid: vmId(101), command: 'pct' })])),
    ],
    ['obstacle', PIN_OBSTACLES.map(kind => OBSTACLE_TEXTS[kind])],
  ])('differ for every %s', (_, texts) => {
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.every(text => text.length > 10)).toBe(true);
  });
});
