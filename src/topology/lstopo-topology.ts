// Objects of lstopo, made into packages, cores, LLC domains and NUMA nodes.
import type { CoreKind, LlcDomain, Package } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { type CpuId, coreId, llcId, type PackageId, packageId } from '#domain/ids.ts';
import type { PastedCore } from '#domain/pasted-topology.ts';
import { type LstopoDocument, type LstopoObject, parseLstopoCpuSet } from './lstopo-document.ts';
import { makeLstopoNodes } from './lstopo-nodes.ts';
import { indexGroups } from './partition.ts';
import { failAt, parseId } from './pasted-lines.ts';
import type { PastedParts } from './pasted-parts.ts';

/** @throws ParseError with the line of an object that cannot be. */
export function makeTopologyFromLstopo(document: LstopoDocument): PastedParts {
  const machine = document.objects[0];
  if (!machine) return failAt(1, 'The topology holds no objects');
  const units = makeUnits(document.objects, machine.line);
  const online = cpuSet(units.map(unit => unit.cpu));
  const unknown: string[] = [];
  const present = makePresent(machine, online, unknown);
  const packages = makePackages(units, unknown);
  const llcs = makeLlcs(units, unknown);
  const nodes = makeLstopoNodes(document, online, unknown);
  const cores = makeCores(units, unknown);
  const kindOf = makeKinds(document, unknown);
  const packageOf = indexGroups(packages ?? []);
  const llcOf = indexGroups(llcs ?? []);
  const nodeOf = indexGroups(nodes.flatMap(({ id, cpus }) => (cpus ? [{ id, cpus }] : [])));
  const model = document.objects.map(object => object.infos.get('CPUModel')).find(name => name !== undefined) ?? null;
  if (model === null) unknown.push('model: no CPUModel in the file');
  return {
    tool: 'lstopo XML',
    present,
    online,
    model,
    packages,
    llcs,
    cores:
      cores?.map(({ first, cpus }) => ({
        id: coreId(first),
        cpus,
        package: packageOf.get(first)?.id ?? null,
        llc: llcOf.get(first)?.id ?? null,
        node: nodeOf.get(first)?.id ?? null,
        kind: kindOf(first),
      })) ?? null,
    nodes,
    unknown,
  };
}

/** A processing unit and the objects around it, innermost first. */
interface Unit {
  readonly cpu: CpuId;
  readonly around: readonly LstopoObject[];
}

function makeUnits(objects: readonly LstopoObject[], line: number): readonly Unit[] {
  const units = new Map<CpuId, Unit>();
  for (const object of objects) {
    if (object.type !== 'PU') continue;
    const cpu = parseId(object.attributes.os_index ?? '', object.line, 'the os_index of a PU') as CpuId;
    if (units.has(cpu)) failAt(object.line, `CPU ${cpu} occurs twice`);
    units.set(cpu, { cpu, around: around(object) });
  }
  if (units.size === 0) failAt(line, 'The topology holds no processing units (PU)');
  return [...units.values()].sort((a, b) => a.cpu - b.cpu);
}

function around(object: LstopoObject): readonly LstopoObject[] {
  const found: LstopoObject[] = [];
  for (let outer = object.parent; outer; outer = outer.parent) found.push(outer);
  return found;
}

/** `complete_cpuset` also has the CPUs that are offline, and those that lstopo was not allowed to use. */
function makePresent(machine: LstopoObject, online: CpuSet, unknown: string[]): CpuSet | null {
  const complete = machine.attributes.complete_cpuset;
  if (complete === undefined) {
    unknown.push('present CPUs: the machine has no complete_cpuset');
    return null;
  }
  const present = parseLstopoCpuSet(complete, machine.line);
  const stray = online.difference(present);
  if (!stray.isEmpty) failAt(machine.line, `CPUs ${encodeIdList(stray)} are not in the machine's complete_cpuset`);
  const hidden = present.difference(online);
  if (!hidden.isEmpty) unknown.push(`CPUs ${encodeIdList(hidden)}: offline, or lstopo was not allowed to show them`);
  return present;
}

interface Group {
  readonly object: LstopoObject;
  readonly first: CpuId;
  readonly cpus: CpuSet;
}

/** Units by the object that `find` picks; null where some unit has none. */
function groupUnits(
  units: readonly Unit[],
  find: (unit: Unit) => LstopoObject | undefined,
): { readonly groups: readonly Group[]; readonly isWhole: boolean } {
  const members = new Map<LstopoObject, CpuId[]>();
  let found = 0;
  for (const unit of units) {
    const object = find(unit);
    if (!object) continue;
    found++;
    const cpus = members.get(object);
    if (cpus) cpus.push(unit.cpu);
    else members.set(object, [unit.cpu]);
  }
  const groups = [...members].map(([object, cpus]) => ({ object, first: cpus[0] as CpuId, cpus: cpuSet(cpus) }));
  return { groups, isWhole: found === units.length };
}

function makePackages(units: readonly Unit[], unknown: string[]): readonly Package[] | null {
  // hwloc called them sockets until 1.10.
  const { groups, isWhole } = groupUnits(units, unit =>
    unit.around.find(({ type }) => type === 'Package' || type === 'Socket'),
  );
  if (!isWhole) {
    unknown.push('packages: not every CPU is in one');
    return null;
  }
  const taken = new Set<number>();
  return groups.map(({ object, cpus }) => ({ id: freeId(object, taken), cpus })).sort((a, b) => a.id - b.id);
}

/** The kernel's number; where it is missing or taken, the lowest that is free. */
function freeId({ attributes }: LstopoObject, taken: Set<number>): PackageId {
  let id = /^\d{1,9}$/.test(attributes.os_index ?? '') ? Number(attributes.os_index) : 0;
  while (taken.has(id)) id++;
  taken.add(id);
  return packageId(id);
}

function makeLlcs(units: readonly Unit[], unknown: string[]): readonly LlcDomain[] | null {
  const { groups } = groupUnits(units, unit =>
    unit.around.reduce<LstopoObject | undefined>(
      (last, object) => (cacheLevel(object) > (last ? cacheLevel(last) : 0) ? object : last),
      undefined,
    ),
  );
  if (groups.length === 0) {
    unknown.push('LLC domains: the file has no caches');
    return null;
  }
  return groups.map(({ object, first, cpus }) => ({
    id: llcId(first),
    cpus,
    level: cacheLevel(object),
    sizeKiB: kibibytes(object.attributes.cache_size),
  }));
}

/** 0 for what is no unified or data cache. A cache before the memory, as KNL has it, is none of the CPU's. */
function cacheLevel({ type, attributes, infos }: LstopoObject): number {
  if (attributes.subtype === 'MemorySideCache' || infos.get('Type') === 'MemorySideCache') return 0;
  if (type === 'Cache') return attributes.cache_type === '2' ? 0 : Number(attributes.depth ?? 0);
  return Number(/^L(\d)Cache$/.exec(type)?.[1] ?? 0);
}

/** hwloc writes 0 where it does not know. */
const kibibytes = (bytes = ''): number | null => (/^[1-9]\d*$/.test(bytes) ? Math.floor(Number(bytes) / 1024) : null);

type CoreGroup = Pick<PastedCore, 'cpus'> & { readonly first: CpuId };

function makeCores(units: readonly Unit[], unknown: string[]): readonly CoreGroup[] | null {
  const { groups, isWhole } = groupUnits(units, unit => unit.around.find(({ type }) => type === 'Core'));
  if (isWhole) return groups;
  unknown.push('cores: not every CPU is in one');
  return null;
}

const KINDS: Readonly<Record<string, CoreKind>> = { IntelCore: 'performance', IntelAtom: 'efficiency' };

/** hwloc lists kinds of CPUs since 2.4; names of other makers' cores say nothing about which is which. */
function makeKinds({ cpuKinds }: LstopoDocument, unknown: string[]): (cpu: CpuId) => CoreKind | null {
  const kinds = cpuKinds.map(({ cpuset, line, infos }) => ({
    cpus: parseLstopoCpuSet(cpuset, line),
    kind: cpuKinds.length === 1 ? 'uniform' : (KINDS[infos.get('CoreType') ?? ''] ?? null),
  }));
  const kindOf = (cpu: CpuId) => (kinds.find(({ cpus }) => cpus.has(cpu))?.kind ?? null) as CoreKind | null;
  if (kinds.length === 0 || kinds.some(({ kind }) => kind === null)) {
    unknown.push('core kinds: the file does not say which cores are performance or efficiency cores');
  }
  return kindOf;
}
