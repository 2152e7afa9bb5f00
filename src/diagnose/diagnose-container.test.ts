// Made samplings of containers, and what is concluded from them.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { makeContainer, makeInventory } from '#fixtures/make-inventory.ts';
import { type MadeContainer, type MadeSampling, makeSampling } from '#fixtures/make-sampling.ts';
import { shapes } from '#fixtures/shapes.ts';
import { diagnose } from './diagnose.ts';

/** Two nodes of eight cores with two threads each. */
const HOST = makeInventory(shapes.article, [makeContainer(200, 2)]);

type More = Omit<MadeSampling, 'cpus' | 'containers'>;

function judge(container: Partial<MadeContainer>, { guests = [], tasks = [] }: More = {}, inventory: Inventory = HOST) {
  const containers = [{ vmid: 200, cores: 2, allowed: [4, 5], used: 1, ...container }];
  const sampling = makeSampling({ cpus: 32, guests, tasks, containers });
  const report = diagnose({ inventory, sampling, vmids: [vmId(200)], balanced: new Set() });
  expect(report.guests).toEqual([]);
  const [diagnosis] = report.containers;
  if (diagnosis === undefined) throw new Error('the report has no container');
  return { ...diagnosis, kinds: diagnosis.verdicts.map(({ kind }) => kind) };
}

const own = { pid: 70, name: 'nginx', owner: 200, run: 0.9, cpus: [4] };
const noise = { pid: 71, name: 'stress', run: 0.9, cpus: [4] };
const vm = { vmid: 101, vcpus: [{ run: 0.9, cpus: [4] }] };

describe('diagnose() of a container', () => {
  it.each<readonly [string, Partial<MadeContainer>, More, readonly string[], readonly string[]]>([
    ['that runs alone', {}, { tasks: [own] }, ['fine'], ['nothing']],
    ['that is idle', { used: 0.01 }, {}, ['idle-nothing-to-see'], ['nothing']],
    ['whose tasks wait now and then', { stall: { cpu: 0.04 } }, { tasks: [noise] }, ['fine'], ['nothing']],
    [
      'that waits for tasks of the host',
      { stall: { cpu: 0.5 } },
      { tasks: [noise] },
      ['starved-by-host-tasks'],
      ['dedicated'],
    ],
    ['that waits for a VM', { stall: { cpu: 0.5 } }, { guests: [vm] }, ['starved-by-guest'], ['dedicated']],
    [
      'that waits for another container, and for itself',
      { stall: { cpu: 0.6 } },
      {
        tasks: [
          { ...own, run: 0.3 },
          { ...noise, owner: 201, run: 0.6 },
        ],
      },
      ['starved-by-guest', 'starved-by-itself'],
      ['dedicated', 'widen-affinity'],
    ],
    [
      'that has more tasks than CPUs',
      { stall: { cpu: 0.7 } },
      { tasks: [own] },
      ['starved-by-itself'],
      ['widen-affinity'],
    ],
    [
      'that waits for itself on every CPU',
      { cores: null, stall: { cpu: 0.7 } },
      { tasks: [own] },
      ['starved-by-itself'],
      ['nothing'],
    ],
    [
      'that its limit stops, whose tasks wait for that',
      { used: 0.5, limit: { periods: 0.8, throttled: 0.5 }, stall: { cpu: 0.5 } },
      { tasks: [noise] },
      ['throttled-by-limit'],
      ['raise-cpulimit'],
    ],
    ['whose limit never stops it', { limit: { periods: 0, throttled: 0 } }, { tasks: [own] }, ['fine'], ['nothing']],
    ['with fewer CPUs than cores', { cores: 4 }, { tasks: [own] }, ['narrow-cpuset'], ['widen-affinity']],
    ['with more CPUs than cores', { cores: 1 }, { tasks: [own] }, ['fine'], ['nothing']],
    ['that waits for memory', { stall: { memory: 0.2 } }, {}, ['memory-short'], ['more-memory']],
    [
      'that is too large to be alone',
      { cores: 32, allowed: Array.from({ length: 32 }, (_, cpu) => cpu), stall: { cpu: 0.5 } },
      { tasks: [noise] },
      ['starved-by-host-tasks'],
      ['weights'],
    ],
  ])('%s', (_, container, more, kinds, advice) => {
    const diagnosis = judge(container, more);
    expect(diagnosis.kinds).toEqual(kinds);
    expect(diagnosis.advice).toEqual(advice);
  });

  it('counts its CPU time, what the limit took, and who was on its CPUs', () => {
    const limit = { periods: 0.5, throttled: 0.5 };
    const { measure } = judge({ used: 1.5, limit }, { tasks: [own, { ...noise, cpus: [9] }], guests: [vm] });
    expect(measure).toMatchObject({
      ...{ usedCpus: 1.5, cores: 2, allowed: cpuSet([4, 5]), throttledShare: 0.25, throttledPeriods: 0.5 },
      running: [
        { who: { kind: 'guest', vmid: 101 }, share: expect.closeTo(0.45) },
        { who: { kind: 'itself' }, share: expect.closeTo(0.45) },
      ],
    });
  });

  it('advises no CPUs of its own to one that has them, nor on a full host', () => {
    const placed = { vmid: vmId(200), class: 'dedicated' };
    const inventory = { ...HOST, placement: { guests: [placed] } } as unknown as Inventory;
    expect(judge({ stall: { cpu: 0.5 } }, { tasks: [noise] }, inventory).advice).toEqual(['keep-others-off']);
    const everywhere = Array.from({ length: 32 }, (_, cpu) => ({ ...noise, pid: 100 + cpu, run: 0.95, cpus: [cpu] }));
    expect(judge({ stall: { cpu: 0.5 } }, { tasks: everywhere })).toMatchObject({
      kinds: ['host-overcommitted', 'starved-by-host-tasks'],
      advice: ['weights'],
    });
  });

  it('leaves out those that nobody asked about', () => {
    const sampling = makeSampling({ cpus: 32, containers: [{ vmid: 200, allowed: [4], used: 1 }] });
    expect(diagnose({ inventory: HOST, sampling, vmids: [], balanced: new Set() }).containers).toEqual([]);
  });
});
