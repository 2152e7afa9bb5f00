// Compares our Nova with what its own unit tests assert about fitting instances and booking their CPUs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitCell, fitInstance, type OvercommitLimits } from '#bench/plan/nova/fit-instance.ts';
import type { ThreadPolicy } from '#bench/plan/nova/nova-cells.ts';
import { type FittedCell, type HostCell, type InstanceCell, pinCpus, unpinCpus } from '#bench/plan/nova/nova-cells.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { PeerCase } from './peers.ts';

interface RecordedHostCell {
  readonly id: number;
  readonly cpuset: readonly number[];
  readonly pcpuset: readonly number[];
  readonly siblings: readonly (readonly number[])[];
  readonly pinned_cpus: readonly number[];
  readonly cpu_usage?: number;
  readonly memory: number;
  readonly memory_usage: number;
  readonly mempages: readonly { readonly size_kb: number; readonly total: number }[];
}

interface RecordedCell {
  readonly id?: number;
  readonly cpuset: readonly number[];
  readonly pcpuset?: readonly number[];
  readonly memory: number;
  readonly cpu_policy?: 'dedicated' | 'mixed';
  readonly cpu_thread_policy?: ThreadPolicy;
  readonly cpu_pinning?: Readonly<Record<string, number>>;
  readonly cpuset_reserved?: readonly number[];
}

interface RecordedInstance {
  readonly cells: readonly RecordedCell[];
  readonly emulator_threads_policy?: 'isolate' | 'share';
}

/** `{"$ref": "r0.cells[1].pinned_cpus"}` stands for a part of what an earlier call gave. */
interface Reference {
  readonly $ref: string;
}

interface RecordedHost {
  readonly cells: readonly RecordedHostCell[];
}

interface RecordedLimits {
  readonly cpu_allocation_ratio: number;
  readonly ram_allocation_ratio: number;
}

type RecordedCall = { readonly id: string } & (
  | {
      readonly fn: '_numa_fit_instance_cell';
      readonly args: readonly [RecordedHostCell, RecordedCell];
      readonly kwargs: { readonly limits?: RecordedLimits };
    }
  | { readonly fn: 'numa_fit_instance_to_host'; readonly args: readonly [RecordedHost, RecordedInstance] }
  | {
      readonly fn: 'numa_usage_from_instance_numa';
      readonly args: readonly [RecordedHost | Reference, RecordedInstance];
      readonly kwargs: { readonly free?: boolean };
    }
);

interface RecordedCase {
  readonly test: string;
  readonly calls: readonly RecordedCall[];
  readonly asserts: readonly (readonly unknown[])[];
}

/** By the id of the call, in Nova's names; null: it did not fit. */
type Answers = ReadonlyMap<string, unknown>;

/** A case agrees when every assertion of the test holds for our answers. */
export function readNovaCases(corpora: string): readonly PeerCase[] {
  const path = join(corpora, 'plan-cases/nova-numa-fit.json');
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { readonly cases: readonly RecordedCase[] };
  return cases.map(({ test, calls, asserts }) => {
    const answers = new Map<string, unknown>();
    for (const call of calls) answers.set(call.id, answer(call, answers));
    const judged = asserts.map(assertion => judge(assertion, answers));
    return {
      name: `nova ${test}`,
      expected: judged.map(({ expected }) => expected).join('; '),
      actual: judged.map(({ actual }) => actual).join('; '),
    };
  });
}

function answer(call: RecordedCall, answers: Answers): unknown {
  if (call.fn === 'numa_usage_from_instance_numa') {
    const host = resolve(call.args[0], answers) as RecordedHost;
    return bookInstance(host, call.args[1], call.kwargs.free ?? false);
  }
  if (call.fn === '_numa_fit_instance_cell') {
    const [host, cell] = call.args;
    const fitted = fitCell(makeHostCell(host), makeInstanceCell(cell), {
      limits: makeLimits(call.kwargs.limits),
      reserve: 0,
    });
    return fitted && showFitted(fitted);
  }
  const [host, instance] = call.args;
  const isolateEmulator = instance.emulator_threads_policy === 'isolate';
  const options = { strategy: 'spread', deviceCell: null, isolateEmulator, limits: null } as const;
  const fitted = fitInstance(host.cells.map(makeHostCell), instance.cells.map(makeInstanceCell), options);
  return fitted && { cells: fitted.map(showFitted) };
}

/** Null when a CPU is booked twice or given back twice. */
function bookInstance(host: RecordedHost, instance: RecordedInstance, free: boolean): RecordedHost | null {
  const cells = host.cells.map(cell =>
    instance.cells
      .filter(({ id }) => id === cell.id)
      .reduce<RecordedHostCell | null>((booked, one) => booked && bookCell(booked, one, free), cell),
  );
  return cells.includes(null) ? null : { cells: cells.filter(cell => cell !== null) };
}

function bookCell(host: RecordedHostCell, cell: RecordedCell, free: boolean): RecordedHostCell | null {
  const cpus = cpuSet([...Object.values(cell.cpu_pinning ?? {}), ...(cell.cpuset_reserved ?? [])]);
  const booked = (free ? unpinCpus : pinCpus)(makeHostCell(host), cpus, cell.cpu_thread_policy ?? 'prefer');
  const floating = (host.cpu_usage ?? 0) + (free ? -1 : 1) * cell.cpuset.length;
  return booked && { ...host, pinned_cpus: booked.pinned.ids, cpu_usage: floating };
}

const makeLimits = (limits: RecordedLimits | undefined): OvercommitLimits | null =>
  limits === undefined ? null : { cpuRatio: limits.cpu_allocation_ratio, memoryRatio: limits.ram_allocation_ratio };

function makeHostCell(cell: RecordedHostCell): HostCell {
  const [smallest] = cell.mempages.toSorted((a, b) => a.size_kb - b.size_kb);
  return {
    id: cell.id,
    shared: cpuSet(cell.cpuset),
    pinnable: cpuSet(cell.pcpuset),
    pinned: cpuSet(cell.pinned_cpus),
    siblings: cell.siblings.map(cpuSet),
    floatingVcpus: cell.cpu_usage ?? 0,
    memoryMiB: cell.memory,
    usedMiB: cell.memory_usage,
    smallPagesMiB: smallest === undefined ? null : (smallest.total * smallest.size_kb) / 1024,
  };
}

const makeInstanceCell = (cell: RecordedCell): InstanceCell => ({
  floating: cell.cpuset.length,
  pinnedVcpus: cell.pcpuset ?? [],
  pins: cell.cpu_policy !== undefined,
  threadPolicy: cell.cpu_thread_policy ?? 'prefer',
  memoryMiB: cell.memory,
});

const showFitted = ({ hostCell, cpuOf, reserved }: FittedCell): unknown => ({
  id: hostCell,
  cpu_pinning: Object.fromEntries(cpuOf),
  cpuset_reserved: reserved.isEmpty ? null : reserved.ids,
});

function resolve(value: unknown, answers: Answers): unknown {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return value;
  const [id = '', ...keys] = String(value.$ref).match(/\w+/g) ?? [];
  return keys.reduce<unknown>(
    (part, key) => (part === null || part === undefined ? part : Reflect.get(Object(part), key)),
    answers.get(id),
  );
}

interface Judged {
  readonly expected: string;
  readonly actual: string;
}

/** What the assertion wants to see and what it sees. */
function judge([kind, first, second, third]: readonly unknown[], answers: Answers): Judged {
  const show = (value: unknown): string => JSON.stringify(resolve(value, answers));
  switch (kind) {
    case 'assertEqual':
      return { expected: show(first), actual: show(second) };
    case 'assertIsNone':
      return { expected: 'null', actual: show(first) };
    case 'assertIsInstance':
      return { expected: 'fits', actual: resolve(first, answers) === null ? 'does not fit' : 'fits' };
    case 'assertNotIn':
      return { expected: `no ${first}`, actual: show(second).includes(show(first)) ? `${first}` : `no ${first}` };
    case 'assertInstanceCellPinned':
      return judgePinned(resolve(first, answers), second);
    case 'assertRaises':
      return {
        expected: 'null',
        actual: JSON.stringify(
          bookInstance(resolve(second, answers) as RecordedHost, third as RecordedInstance, false),
        ),
      };
    default:
      return { expected: `${kind} to be understood`, actual: 'it is not' };
  }
}

/** By default in host cell 0. */
function judgePinned(cell: unknown, options: unknown): Judged {
  const { cell_ids: ids = [0] } = (options ?? {}) as { readonly cell_ids?: readonly number[] };
  const { id, cpu_pinning: cpus = {} } = (cell ?? {}) as { readonly id?: number; readonly cpu_pinning?: object };
  const expected = `pinned in cell ${ids.join(' or ')}`;
  const holds = id !== undefined && ids.includes(id) && Object.keys(cpus).length > 0;
  return { expected, actual: holds ? expected : `in cell ${id}: ${encodeIdList(cpuSet(Object.values(cpus)))}` };
}
