// Compares our kubelet CPU manager with the sets that its own tests expect.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Accumulator, type Unit } from '#bench/plan/kubelet/accumulator.ts';
import { takeDistributed } from '#bench/plan/kubelet/take-distributed.ts';
import { takePacked } from '#bench/plan/kubelet/take-packed.ts';
import type { Core, HostTopology, LlcDomain, NumaNode, Package } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { coreId, cpuId, llcId, numaNodeId, packageId } from '#domain/ids.ts';
import type { PeerCase } from './peers.ts';

interface RecordedCpu {
  readonly core: number;
  readonly socket: number;
  readonly numa: number;
  readonly l3?: number;
}

interface RecordedCase {
  readonly kind: string;
  readonly desc: string;
  readonly topo: string;
  readonly available: readonly number[];
  readonly expect: readonly number[] | readonly (readonly number[])[];
  readonly want?: number;
  readonly group?: number;
  readonly opts?: { readonly PreferAlignByUncoreCacheOption?: boolean; readonly DistributeCPUsAcrossCores?: boolean };
  /** Absent where only free units are listed. */
  readonly error?: string | null;
}

interface Recorded {
  readonly topologies: Readonly<Record<string, { readonly cpus: Readonly<Record<string, RecordedCpu>> }>>;
  readonly cases: readonly RecordedCase[];
}

export function readKubeletCases(corpora: string): readonly PeerCase[] {
  const path = join(corpora, 'plan-cases/k8s-cpu-assignment.json');
  const { topologies, cases } = JSON.parse(readFileSync(path, 'utf8')) as Recorded;
  return cases.map(recorded => {
    const topology = makeTopology(topologies[recorded.topo]?.cpus ?? {});
    const group = recorded.group === undefined ? '' : ` by ${recorded.group}`;
    return {
      name: `kubelet ${recorded.kind}${group}: ${recorded.desc}`,
      expected: recorded.error ? 'refused' : showExpected(recorded),
      actual: answer(recorded, topology),
    };
  });
}

/** A list of CPUs as it is where its order counts, else as a set. */
function showExpected({ kind, expect }: RecordedCase): string {
  if (kind === 'freecpus') return expect.join(',');
  const isList = expect.every(item => typeof item === 'number');
  return isList ? encodeIdList(cpuSet(expect)) : expect.map(ids => encodeIdList(cpuSet(ids as number[]))).join(' / ');
}

function answer({ kind, available, want = 0, group = 1, opts = {} }: RecordedCase, topology: HostTopology): string {
  const free = cpuSet(available);
  const accumulator = new Accumulator(topology, free, 0);
  const whole = (units: readonly Unit[]): string =>
    encodeIdList(cpuSet(accumulator.wholeOf(units).map(unit => unit.id)));
  const demand = { topology, free, count: want };
  const alignCaches = opts.PreferAlignByUncoreCacheOption ?? false;
  const acrossCores = opts.DistributeCPUsAcrossCores ?? false;
  switch (kind) {
    case 'freesockets':
      return whole(accumulator.packages());
    case 'freenumanodes':
      return whole(accumulator.nodes());
    case 'freesocketsandnumanodes':
      return `${whole(accumulator.packages())} / ${whole(accumulator.nodes())}`;
    case 'freecores':
      return whole(accumulator.cores());
    case 'freecpus':
      return accumulator.cpusByCore().join(',');
    case 'distribute':
      return show(takeDistributed(demand, group));
    default:
      return show(takePacked(demand, { alignCaches, acrossCores }));
  }
}

const show = (cpus: CpuSet | null): string => (cpus === null ? 'refused' : encodeIdList(cpus));

/** The kubelet keys cores by their lowest CPU, as we do; a cache that is not told of is one for the whole machine. */
function makeTopology(recorded: Readonly<Record<string, RecordedCpu>>): HostTopology {
  const cpus = Object.entries(recorded).map(([id, place]) => ({ id: cpuId(Number(id)), place }));
  const group = (key: (place: RecordedCpu) => number): readonly (readonly [number, CpuSet])[] => {
    const ids = cpuSet(cpus.map(({ place }) => key(place))).ids;
    return ids.map(id => [id, cpuSet(cpus.filter(({ place }) => key(place) === id).map(cpu => cpu.id))]);
  };
  const llcs = group(place => place.l3 ?? 0).map(
    ([id, members]): LlcDomain => ({ id: llcId(id), cpus: members, level: 3, sizeKiB: null }),
  );
  const packages = group(place => place.socket).map(([id, members]): Package => ({ id: packageId(id), cpus: members }));
  const nodes = group(place => place.numa).map(
    ([id, members]): NumaNode => ({ id: numaNodeId(id), cpus: members, memoryMiB: null, distances: new Map() }),
  );
  const cores = group(place => place.core).map(([, members]): Core => {
    const first = members.first ?? cpuId(0);
    const place = recorded[first];
    return {
      id: coreId(first),
      cpus: members,
      package: packageId(place?.socket ?? 0),
      llc: llcId(place?.l3 ?? 0),
      node: numaNodeId(place?.numa ?? 0),
      kind: 'uniform',
    };
  });
  const online = cpuSet(cpus.map(cpu => cpu.id));
  return {
    present: online,
    online,
    isolated: cpuSet(),
    nohzFull: cpuSet(),
    model: null,
    packages,
    llcs,
    cores: cores.toSorted((a, b) => a.id - b.id),
    nodes,
    unknown: [],
  };
}
