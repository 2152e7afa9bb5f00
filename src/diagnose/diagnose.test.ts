// Made samplings, and what is concluded from them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuestDiagnosis } from '#domain/diagnosis.ts';
import { cpuSet } from '#domain/id-set.ts';
import { cpuId, vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Sampling, ThreadSample } from '#domain/sampling.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { type MadeSampling, type MadeThread, makeSampling } from '#fixtures/make-sampling.ts';
import { shapes } from '#fixtures/shapes.ts';
import { diagnose } from './diagnose.ts';

/** Two nodes of eight cores; CPUs 0-7 and 16-23 are on node 0. */
const TWO_NODES = makeInventory(shapes.article, []);
const CPUS = 32;
const GUEST = vmId(101);

interface Circumstances {
  readonly inventory?: Inventory;
  readonly balanced?: readonly number[];
}

function judge(sampling: Sampling, { inventory = TWO_NODES, balanced = [] }: Circumstances = {}) {
  const report = diagnose({ inventory, sampling, vmids: [GUEST], balanced: new Set(balanced.map(vmId)) });
  const [guest] = report.guests;
  if (guest === undefined) throw new Error('the report has no guest');
  return guest;
}

function measured(guest: GuestDiagnosis) {
  if (guest.state !== 'measured') throw new Error(`the guest is ${guest.state}`);
  return { ...guest, kinds: guest.verdicts.map(({ kind }) => kind) };
}

const made = (sampling: Omit<MadeSampling, 'cpus'>, circumstances?: Circumstances) =>
  measured(judge(makeSampling({ cpus: CPUS, ...sampling }), circumstances));

const busy: MadeThread = { run: 0.98, cpus: [4] };
const halved: MadeThread = { run: 0.5, wait: 0.5, cpus: [4] };
const task = (run: number, cpus: readonly number[] = [4]) => ({ pid: 77, name: 'stress', run, cpus });

describe('diagnose() of a guest', () => {
  it.each<readonly [string, Omit<MadeSampling, 'cpus'>, readonly string[], readonly string[], string | null]>([
    ['that runs alone', { guests: [{ vmid: 101, vcpus: [busy] }] }, ['fine'], ['nothing'], 'nothing-lost'],
    [
      'that is idle',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.01, cpus: [4] }] }] },
      ['idle-nothing-to-see'],
      ['nothing'],
      'idle',
    ],
    [
      'that is idle, and waits when it wakes',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.01, wait: 0.01, cpus: [4] }] }], tasks: [task(0.9)] },
      ['idle-nothing-to-see'],
      ['nothing'],
      'idle',
    ],
    [
      'one of whose many vCPUs works',
      { guests: [{ vmid: 101, vcpus: [busy, ...[5, 6, 7].map(cpu => ({ run: 0, cpus: [cpu] }))] }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'that shares its CPU with another guest',
      {
        guests: [
          { vmid: 101, vcpus: [halved] },
          { vmid: 102, vcpus: [halved] },
        ],
      },
      ['starved-by-guest'],
      ['dedicated'],
      null,
    ],
    [
      'that shares its CPU with a task',
      { guests: [{ vmid: 101, vcpus: [halved] }], tasks: [task(0.5)] },
      ['starved-by-host-tasks'],
      ['dedicated'],
      null,
    ],
    [
      'that shares its CPU with a container',
      { guests: [{ vmid: 101, vcpus: [halved] }], tasks: [{ ...task(0.5), owner: 200 }] },
      ['starved-by-guest'],
      ['dedicated'],
      null,
    ],
    [
      'that shares its CPU with tasks that nobody met',
      { guests: [{ vmid: 101, vcpus: [halved] }], unseen: { 4: 0.5 } },
      ['starved-by-host-tasks'],
      ['dedicated'],
      null,
    ],
    [
      'two of whose vCPUs are on one CPU, though it may use two',
      { guests: [{ vmid: 101, vcpus: [halved, halved].map(vcpu => ({ ...vcpu, allowed: [4, 5] })) }] },
      ['starved-by-itself'],
      ['dedicated'],
      null,
    ],
    [
      'that may use fewer CPUs than it has vCPUs',
      { guests: [{ vmid: 101, vcpus: [halved, halved] }] },
      ['starved-by-itself'],
      ['widen-affinity'],
      'would-not-help',
    ],
    [
      'that waits although nobody runs there',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.1, wait: 0.05, cpus: [4] }] }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'that waits for less than one percent',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.95, wait: 0.009, cpus: [4] }] }], tasks: [task(0.04)] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'that waits for just over one percent',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.95, wait: 0.011, cpus: [4] }] }], tasks: [task(0.04)] },
      ['starved-by-host-tasks'],
      ['dedicated'],
      null,
    ],
    [
      'that its limit stops',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.3, wait: 0.7, cpus: [4] }], limit: { periods: 1, throttled: 0.7 } }] },
      ['throttled-by-limit'],
      ['raise-cpulimit'],
      'cpulimit',
    ],
    [
      'that its limit stops while others use its CPU',
      {
        guests: [{ vmid: 101, vcpus: [{ run: 0.3, wait: 0.7, cpus: [4] }], limit: { periods: 1, throttled: 0.7 } }],
        tasks: [task(0.6)],
      },
      ['throttled-by-limit'],
      ['raise-cpulimit'],
      'cpulimit',
    ],
    [
      'that both its limit and others stop',
      {
        guests: [{ vmid: 101, vcpus: [{ run: 0.2, wait: 0.8, cpus: [4] }], limit: { periods: 1, throttled: 0.3 } }],
        tasks: [task(0.7)],
      },
      ['starved-by-host-tasks', 'throttled-by-limit'],
      ['raise-cpulimit'],
      'cpulimit',
    ],
    [
      'whose limit never stops it',
      { guests: [{ vmid: 101, vcpus: [busy], limit: { periods: 0, throttled: 0 } }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'whose memory is on the other node',
      { guests: [{ vmid: 101, vcpus: [busy], memoryMiB: { 1: 2000 } }] },
      ['memory-remote'],
      ['confined', 'move-memory-by-restart'],
      null,
    ],
    [
      'a little of whose memory is on the other node',
      { guests: [{ vmid: 101, vcpus: [busy], memoryMiB: { 0: 2000, 1: 190 } }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'so small that it is mostly QEMU itself',
      { guests: [{ vmid: 101, vcpus: [busy], memoryMiB: { 0: 20, 1: 60 } }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'that lives on two nodes with its memory',
      { guests: [{ vmid: 101, vcpus: [busy, { ...busy, cpus: [8] }], memoryMiB: { 0: 1000, 1: 1000 } }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'that goes to and fro between nodes',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.98, cpus: [4, 4, 8] }] }] },
      ['wanders'],
      ['confined'],
      null,
    ],
    [
      'that moves within its node',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.98, cpus: [4, 5, 6] }] }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'that moved to the other node once',
      { guests: [{ vmid: 101, vcpus: [{ run: 0.98, cpus: [4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8] }] }] },
      ['fine'],
      ['nothing'],
      'nothing-lost',
    ],
    [
      'that has many troubles',
      {
        guests: [
          { vmid: 101, vcpus: [{ ...halved, cpus: [4, 4, 8] }], memoryMiB: { 0: 900, 1: 100 } },
          { vmid: 102, vcpus: [{ run: 0.4, cpus: [4] }] },
        ],
        tasks: [task(0.1)],
      },
      ['starved-by-guest', 'starved-by-host-tasks', 'wanders'],
      ['dedicated'],
      null,
    ],
  ])('%s', (_, sampling, kinds, advice, doNotPin) => {
    const guest = made(sampling);
    expect(guest.kinds).toEqual(kinds);
    expect(guest.advice).toEqual(advice);
    expect(guest.doNotPin).toBe(doNotPin);
  });

  it('counts as lost to others no more than they ran', () => {
    const guest = made({ guests: [{ vmid: 101, vcpus: [halved] }], tasks: [task(0.2)] });
    expect(guest.measure.competition).toEqual([
      { who: { kind: 'task', pid: 77, name: 'stress' }, share: expect.closeTo(0.2) },
    ]);
  });

  it('shares its loss out by how long each ran', () => {
    const guest = made({
      guests: [
        { vmid: 101, vcpus: [{ run: 0.4, wait: 0.6, cpus: [4] }] },
        { vmid: 102, vcpus: [{ run: 0.4, cpus: [4] }] },
      ],
      tasks: [task(0.2)],
    });
    expect(guest.measure.competition).toEqual([
      { who: { kind: 'guest', vmid: 102 }, share: expect.closeTo(0.4) },
      { who: { kind: 'task', pid: 77, name: 'stress' }, share: expect.closeTo(0.2) },
    ]);
  });

  it('blames nobody on another CPU', () => {
    const guest = made({ guests: [{ vmid: 101, vcpus: [halved] }], tasks: [task(1, [5])] });
    expect(guest.measure.competition).toEqual([]);
  });

  it('measures its vCPUs each by itself', () => {
    const guest = made({
      guests: [
        {
          vmid: 101,
          vcpus: [
            { run: 0.9, wait: 0.1, cpus: [4] },
            { run: 0.2, cpus: [5, 6] },
          ],
          migrationsPerS: 3,
        },
      ],
    });
    expect(guest.measure.vcpus).toMatchObject([
      {
        index: 0,
        runShare: expect.closeTo(0.9),
        waitShare: expect.closeTo(0.1),
        waitPerSliceUs: expect.closeTo(1000),
        migrationsPerS: 3,
      },
      { index: 1, runShare: expect.closeTo(0.2), waitShare: 0, crossingsPerS: 0 },
    ]);
    expect(guest.measure.waitShare).toBeCloseTo(0.1 / 1.2);
  });

  it('takes the frequency of the CPUs where its vCPUs were', () => {
    const guest = made({
      guests: [{ vmid: 101, vcpus: [busy] }],
      frequencies: { 4: { nowMHz: 1200, maxMHz: 3600 }, 5: { nowMHz: 3600, maxMHz: 3600 } },
    });
    expect(guest.measure.frequency).toEqual({ nowMHz: 1200, maxMHz: 3600 });
  });
});

describe('diagnose() advises against pinning', () => {
  const starved: Omit<MadeSampling, 'cpus'> = { guests: [{ vmid: 101, vcpus: [halved] }], tasks: [task(0.5)] };

  it('on a host that is full', () => {
    const everywhere = Array.from({ length: CPUS }, (_, cpu) => ({
      ...task(cpu === 4 ? 0.5 : 0.95, [cpu]),
      pid: 1000 + cpu,
    }));
    const guest = made({ ...starved, tasks: everywhere });
    expect(guest.kinds).toEqual(['host-overcommitted', 'starved-by-host-tasks']);
    expect(guest).toMatchObject({ advice: ['weights'], doNotPin: 'host-full' });
  });

  it('on a host of four cores', () => {
    const inventory = {
      ...TWO_NODES,
      topology: { ...TWO_NODES.topology, cores: TWO_NODES.topology.cores.slice(0, 4) },
    };
    expect(made(starved, { inventory })).toMatchObject({ advice: ['weights'], doNotPin: 'small-host' });
  });

  it('of a guest that the balancer may move', () => {
    expect(made(starved, { balanced: [101] })).toMatchObject({ advice: ['weights'], doNotPin: 'balanced-by-ha' });
    expect(made(starved, { balanced: [102] })).toMatchObject({ advice: ['dedicated'], doNotPin: null });
  });

  it('as dedicated of a guest as wide as the host', () => {
    const vcpus = Array.from({ length: CPUS }, (_, cpu) => (cpu === 4 ? halved : { run: 0.1, cpus: [cpu] }));
    expect(made({ guests: [{ vmid: 101, vcpus }], tasks: [task(0.5)] }).advice).toEqual(['confined']);
  });

  it('of a guest that is dedicated already', () => {
    const placed = { vmid: GUEST, class: 'dedicated' };
    const inventory = { ...TWO_NODES, placement: { guests: [placed] } } as unknown as Inventory;
    expect(made(starved, { inventory })).toMatchObject({ advice: ['keep-others-off'], doNotPin: 'would-not-help' });
  });
});

describe('diagnose() of the threads that serve a guest', () => {
  const served = (emulator: MadeThread, circumstances?: Circumstances) =>
    made({ guests: [{ vmid: 101, vcpus: [{ ...busy, run: 0.5 }], emulator }] }, circumstances);

  it('names those that wait for a CPU, with how long', () => {
    const guest = served({ run: 0.2, wait: 0.1, cpus: [0], slicesPerS: 50 });
    expect(guest.kinds).toEqual(['helpers-wait']);
    expect(guest.advice).toEqual(['dedicated']);
    expect(guest.measure.helpers).toEqual([
      {
        ...{ kind: 'emulator', name: 'kvm', tid: 10_100, runShare: expect.closeTo(0.2) },
        ...{ waitShare: expect.closeTo(0.1), waitPerSliceUs: expect.closeTo(2000), cpus: cpuSet([0]) },
      },
    ]);
  });

  it('says nothing of those that wait for less than one percent of the time', () => {
    expect(served({ run: 0.9, wait: 0.009, cpus: [0] })).toMatchObject({ kinds: ['fine'], measure: { helpers: [] } });
  });

  it('judges them also where the vCPUs do nothing but wait for them', () => {
    const guests = [{ vmid: 101, vcpus: [{ run: 0.01, cpus: [4] }], emulator: { run: 0.3, wait: 0.3, cpus: [0] } }];
    expect(made({ guests }).kinds).toEqual(['helpers-wait']);
  });

  it('counts a vhost worker outside of the process, as before kernel 6.4', () => {
    const worker = { pid: 900, name: 'vhost-10100', owner: 101, run: 0.1, wait: 0.2, cpus: [9] };
    const { measure } = made({ guests: [{ vmid: 101, vcpus: [busy] }], tasks: [worker, { ...worker, name: 'sh' }] });
    expect(measure.helpers).toMatchObject([{ kind: 'vhost', name: 'vhost-10100', tid: 900 }]);
  });

  it('advises CPUs for them to a guest that has its own for its vCPUs', () => {
    const placed = { vmid: GUEST, class: 'dedicated' };
    const inventory = { ...TWO_NODES, placement: { guests: [placed] } } as unknown as Inventory;
    const guest = served({ run: 0.2, wait: 0.1, cpus: [0] }, { inventory });
    expect(guest).toMatchObject({ advice: ['own-emulator-cpus'], doNotPin: 'would-not-help' });
  });
});

describe('diagnose() says so when there is nothing to measure', () => {
  const sampling = makeSampling({ cpus: CPUS, guests: [{ vmid: 101, vcpus: [busy] }] });
  const withGuest = (more: Partial<Sampling['guests'][number]>): Sampling => ({
    ...sampling,
    guests: sampling.guests.map(guest => ({ ...guest, ...more })),
  });

  it.each<readonly [string, Sampling, GuestDiagnosis['state'], string | null]>([
    ['that did not run', { ...sampling, guests: [] }, 'stopped', null],
    ['that stopped meanwhile', withGuest({ state: 'gone' }), 'gone', null],
    ['whose QEMU is silent', withGuest({ unreadable: 'no answer' }), 'unreadable', 'no answer'],
    ['without vCPU threads', withGuest({ threads: [] }), 'unreadable', expect.stringContaining('not seen twice')],
    [
      'that was looked at once',
      withGuest({
        threads: sampling.guests.flatMap(({ threads }) =>
          threads.map(thread => ({ ...thread, readings: thread.readings.slice(0, 1) })),
        ),
      }),
      'unreadable',
      expect.stringContaining('not seen twice'),
    ],
  ])('of a guest %s', (_, seen, state, reason) => {
    expect(judge(seen)).toEqual({ state, vmid: GUEST, reason });
  });
});

describe('the laws of diagnose()', () => {
  const share = fc.integer({ min: 0, max: 100 }).map(percent => percent / 100);
  const anyThread: fc.Arbitrary<MadeThread> = fc
    .record({
      run: share,
      wait: share,
      cpus: fc.array(fc.integer({ min: 0, max: CPUS - 1 }), { minLength: 1, maxLength: 3 }),
    })
    .map(({ run, wait, cpus }) => ({ run, wait: Math.min(wait, 1 - run), cpus }));
  const anySampling: fc.Arbitrary<Omit<MadeSampling, 'cpus'>> = fc.record({
    guests: fc
      .tuple(fc.array(anyThread, { minLength: 1, maxLength: 4 }), fc.array(anyThread, { minLength: 1, maxLength: 4 }))
      .map(([mine, others]) => [
        { vmid: 101, vcpus: mine, memoryMiB: { 0: 500, 1: 300 } },
        { vmid: 102, vcpus: others },
      ]),
    tasks: fc
      .array(anyThread, { maxLength: 3 })
      .map(list => list.map((thread, index) => ({ ...thread, pid: 1 + index, name: 'x' }))),
  });

  it('no competitor took more than was waited, and shares are parts', () => {
    fc.assert(
      fc.property(anySampling, sampling => {
        const { measure } = made(sampling);
        const lost = measure.competition.reduce((sum, entry) => sum + entry.share, 0);
        expect(lost).toBeLessThanOrEqual(measure.waitShare + 1e-9);
        for (const part of [measure.runShare, measure.waitShare, measure.memory?.remoteShare ?? 0]) {
          expect(part).toBeGreaterThanOrEqual(0);
          expect(part).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('a longer sampling of the same comes to the same verdicts', () => {
    const cpus = fc.integer({ min: 0, max: CPUS - 1 }).map(cpu => [cpu]);
    const still = anySampling.chain(sampling =>
      fc.infiniteStream(cpus).map(stream => ({
        ...sampling,
        guests:
          sampling.guests?.map(guest => ({
            ...guest,
            vcpus: guest.vcpus.map(vcpu => ({ ...vcpu, cpus: stream.next().value ?? [0] })),
          })) ?? [],
      })),
    );
    fc.assert(
      fc.property(still, sampling => {
        const [short, long] = [5, 20].map(seconds => made({ ...sampling, seconds }));
        expect(long?.kinds).toEqual(short?.kinds);
        expect(long?.measure.waitShare).toBeCloseTo(short?.measure.waitShare ?? 0, 6);
      }),
      { numRuns: 50 },
    );
  });

  it('CPUs of a node that change their numbers change no verdict', () => {
    const node = Array.from({ length: 8 }, (_, cpu) => cpu);
    fc.assert(
      fc.property(anySampling, fc.shuffledSubarray(node, { minLength: 8 }), (sampling, order) => {
        const renumber = (cpu: number) => (cpu < 8 ? (order[cpu] ?? cpu) : cpu);
        const seen = makeSampling({ cpus: CPUS, ...sampling });
        const other = renumberCpus(seen, renumber);
        expect(measured(judge(other)).verdicts).toEqual(
          measured(judge(seen)).verdicts.map(verdict => ({ ...verdict, share: expect.closeTo(verdict.share, 9) })),
        );
      }),
    );
  });
});

function renumberCpus(sampling: Sampling, renumber: (cpu: number) => number): Sampling {
  const moved = <Thread extends ThreadSample>(thread: Thread): Thread => ({
    ...thread,
    readings: thread.readings.map(reading => ({ ...reading, cpu: cpuId(renumber(reading.cpu)) })),
  });
  return {
    ...sampling,
    cpuTimes: sampling.cpuTimes.map(({ atMs, cpus }) => ({
      atMs,
      cpus: new Map([...cpus].map(([cpu, times]) => [cpuId(renumber(cpu)), times])),
    })),
    guests: sampling.guests.map(guest => ({ ...guest, threads: guest.threads.map(moved) })),
    tasks: sampling.tasks.map(moved),
  };
}
