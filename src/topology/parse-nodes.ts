// NUMA nodes: CPUs, memory and distances of `/sys/devices/system/node`.
import { ParseError } from '#domain/errors.ts';
import type { NumaNode } from '#domain/host-topology.ts';
import { encodeIdList, parseNodeList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, type NodeSet, nodeSet } from '#domain/id-set.ts';
import { type CpuId, type NumaNodeId, numaNodeId } from '#domain/ids.ts';
import { meminfoMiB, parseMeminfo } from './parse-meminfo.ts';
import { parseMemoryKinds } from './parse-memory-kinds.ts';
import { numberedEntries, type SysfsReader } from './sysfs-reader.ts';

export const NODE_ROOT = '/sys/devices/system/node';

/** Ascending by id; every online CPU is in exactly one. A kernel without NUMA gives one node 0. */
export function parseNodes(reader: SysfsReader, online: CpuSet): readonly NumaNode[] {
  const ids = nodeIds(reader);
  if (ids.length === 0) return [wholeMachine(reader, online)];
  const cpus = nodeCpus(reader, ids, online);
  const withCpus = nodeSet(ids.filter(id => cpus.get(id)?.isEmpty === false));
  const kinds = parseMemoryKinds(reader, { withCpus, memoryOnly: nodeSet(ids).difference(withCpus) });
  return ids.map(id => {
    const memoryKind = kinds.get(id);
    return {
      id,
      cpus: cpus.get(id) ?? cpuSet(),
      memoryMiB: memoryMiB(reader, `${NODE_ROOT}/node${id}/meminfo`),
      distances: nodeDistances(reader, id, ids),
      ...(memoryKind && { memoryKind }),
    };
  });
}

/** Nodes that have a directory and are online; none on a kernel without NUMA. */
export function nodeIds(reader: SysfsReader): readonly NumaNodeId[] {
  const online = onlineNodes(reader);
  const directories = numberedEntries(reader.list(NODE_ROOT), 'node').map(numaNodeId);
  return directories.filter(id => online?.has(id) ?? true);
}

/** Null on kernels before 2.6.25. */
const onlineNodes = (reader: SysfsReader): NodeSet | null => reader.parse(`${NODE_ROOT}/online`, parseNodeList);

function wholeMachine(reader: SysfsReader, online: CpuSet): NumaNode {
  const id = numaNodeId(0);
  return { id, cpus: online, memoryMiB: memoryMiB(reader, '/proc/meminfo'), distances: new Map([[id, 10]]) };
}

function memoryMiB(reader: SysfsReader, path: string): number | null {
  const meminfo = reader.parse(path, parseMeminfo);
  if (!meminfo) reader.note(path, 'not there: the size of this memory is not known');
  return meminfo && meminfoMiB(meminfo, 'MemTotal');
}

/** A node's `cpulist` may hold offline CPUs. A CPU that two nodes claim stays in the lower one; one that none claims goes to the lowest. */
function nodeCpus(reader: SysfsReader, ids: readonly NumaNodeId[], online: CpuSet): Map<NumaNodeId, CpuSet> {
  const owners = new Map<CpuId, NumaNodeId>();
  for (const id of ids) {
    const path = `${NODE_ROOT}/node${id}`;
    const claimed = reader.firstCpuSet(path, ['cpulist', 'cpumap'])?.intersection(online);
    if (!claimed) reader.note(path, 'neither cpulist nor cpumap: the CPUs of this node are not known');
    const twice = (claimed ?? cpuSet()).filter(cpu => owners.has(cpu));
    if (!twice.isEmpty) {
      const reason = `broken firmware: claims CPUs ${encodeIdList(twice)}, which a lower node has claimed already`;
      reader.note(path, `${reason}: they stay there`);
    }
    for (const cpu of claimed ?? []) if (!owners.has(cpu)) owners.set(cpu, id);
  }
  const homeless = online.filter(cpu => !owners.has(cpu));
  const [lowest] = ids;
  if (!homeless.isEmpty && lowest !== undefined) {
    reader.note(
      NODE_ROOT,
      `broken firmware: no node has CPUs ${encodeIdList(homeless)}: they count as node ${lowest}'s`,
    );
    for (const cpu of homeless) owners.set(cpu, lowest);
  }
  return new Map(ids.map(id => [id, online.filter(cpu => owners.get(cpu) === id)]));
}

/** One number per online node, in the order of their ids, which need not be 0, 1, 2. */
function nodeDistances(
  reader: SysfsReader,
  id: NumaNodeId,
  ids: readonly NumaNodeId[],
): ReadonlyMap<NumaNodeId, number> {
  const path = `${NODE_ROOT}/node${id}/distance`;
  const order = onlineNodes(reader)?.ids ?? ids;
  const values = reader.parse(path, text => {
    const words = text.trim().split(/\s+/);
    if (!words.every(word => /^\d+$/.test(word))) throw new ParseError(`Cannot parse distances "${text.trimEnd()}"`);
    if (words.length !== order.length) {
      throw new ParseError(`Expected as many distances as nodes (${order.length}), found "${text.trimEnd()}"`);
    }
    return words.map(Number);
  });
  if (!values) reader.note(path, 'not there: distances from this node are not known');
  noteOddDistances(reader, path, { own: values?.[order.indexOf(id)], all: values ?? [] });
  const pairs = order.map((to, index): [NumaNodeId, number | undefined] => [to, values?.[index]]);
  return new Map(pairs.flatMap(([to, value]) => (value !== undefined && ids.includes(to) ? [[to, value]] : [])));
}

/** ACPI wants 10 to itself and more to every other node; a table that says otherwise ranks nothing. */
function noteOddDistances(
  reader: SysfsReader,
  path: string,
  { own, all }: { readonly own: number | undefined; readonly all: readonly number[] },
): void {
  if (own === undefined) return;
  if (all.filter(distance => distance <= own).length > 1) {
    reader.note(path, `broken firmware: distances "${all.join(' ')}" put another node as near as this one itself`);
  }
}
