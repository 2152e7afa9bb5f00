// Compares our reading of every captured machine with what lscpu, lstopo and numactl made of the same files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { openHost } from '#host/open-host.ts';
import { parseNodeMemory } from '#topology/parse-node-memory.ts';
import { PCI_ROOT, parsePciDevices } from '#topology/parse-pci-devices.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import type { ConformResult } from './result.ts';
import { topologyExceptions } from './topology-exceptions.ts';
import {
  type Dimension,
  type LstopoReport,
  type NumactlReport,
  type OracleGroups,
  parseLscpuTable,
  parseLstopoXml,
  parseNumactl,
} from './topology-oracles.ts';
import { type Machine, visitMachines } from './unpack-machines.ts';

/** One case for each machine, dimension and tool that says something about it. Texts are compared, so that a difference can be read. */
export async function runTopology(corpora: string): Promise<ConformResult> {
  const cases: Case[] = [];
  visitMachines(corpora, machine => cases.push(...compareMachine(corpora, machine)));
  const differing = cases.filter(({ ours, theirs }) => ours !== theirs);
  const excused = differing.flatMap(found => {
    const reason = findReason(found);
    return reason === null ? [] : [{ case: caseName(found), reason }];
  });
  const disagreements = differing
    .filter(found => findReason(found) === null)
    .map(found => ({ case: caseName(found), detail: `ours ${found.ours}, theirs ${found.theirs}` }));
  return {
    part: 'topology',
    agree: cases.length - differing.length,
    total: cases.length,
    exceptions: excused,
    disagreements: [...disagreements, ...staleExceptions(cases)],
  };
}

interface Case {
  readonly machine: string;
  readonly dimension: string;
  readonly tool: string;
  readonly ours: string;
  readonly theirs: string;
}

const caseName = ({ machine, dimension, tool }: Case): string => `${machine} ${dimension} ${tool}`;

function findReason({ machine, dimension, tool }: Case): string | null {
  const found = topologyExceptions.find(
    exception => exception.machine === machine && exception.dimension === dimension && exception.tool === tool,
  );
  return found?.reason ?? null;
}

/** An exception that nothing needs any more hides the next fault: it goes, or the run fails. */
function staleExceptions(cases: readonly Case[]): ConformResult['disagreements'] {
  return cases
    .filter(found => found.ours === found.theirs && findReason(found) !== null)
    .map(found => ({ case: caseName(found), detail: 'agrees, yet is listed as an exception' }));
}

function compareMachine(corpora: string, machine: Machine): readonly Case[] {
  const host = openHost(machine.root);
  const topology = parseTopology(host);
  const { memory } = parseNodeMemory(host, topology);
  const oracle = (suffix: string): string | null => readOracle(join(corpora, 'oracle', `${machine.name}.${suffix}`));
  const lscpu = oracle('lscpu-p.txt');
  const lstopo = oracle('lstopo.xml');
  const numactl = oracle('numactl-H.txt');
  const report = numactl === null ? null : parseNumactl(numactl);
  const cases = [
    ...(lscpu === null
      ? []
      : compareGroups('lscpu', parseLscpuTable(lscpu), dimension => ourSets(topology, dimension))),
    ...(lstopo === null ? [] : compareLstopo(topology, parseLstopoXml(lstopo), report)),
    ...(lstopo === null ? [] : comparePci(host, topology, parseLstopoXml(lstopo))),
    ...(report === null ? [] : compareNumactl(topology, memory, report)),
  ];
  return cases.map(compared => ({ machine: machine.name, ...compared }));
}

function readOracle(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

type Compared = Omit<Case, 'machine'>;

const dimensions: readonly Dimension[] = ['package', 'core', 'llc', 'numa'];

function compareGroups(
  tool: string,
  oracle: OracleGroups,
  oursOf: (dimension: Dimension) => readonly CpuSet[],
): readonly Compared[] {
  return dimensions.flatMap(dimension => {
    const theirs = oracle[dimension]?.map(cpuSet);
    return theirs ? [{ dimension, tool, ours: encodeGroups(oursOf(dimension)), theirs: encodeGroups(theirs) }] : [];
  });
}

function ourSets(topology: HostTopology, dimension: Dimension): readonly CpuSet[] {
  const domains = { package: topology.packages, core: topology.cores, llc: topology.llcs, numa: topology.nodes };
  return domains[dimension].map(domain => domain.cpus);
}

/** Leaves aside what lstopo was not allowed to show. It gives a memory-only node the CPUs near it; numactl knows that it has none. */
function compareLstopo(
  topology: HostTopology,
  { groups, hiddenCpus, hiddenNodes }: LstopoReport,
  numactl: NumactlReport | null,
): readonly Compared[] {
  const hasMemoryNodes = [...(numactl?.nodes.values() ?? [])].some(node => node.cpus.length === 0);
  const shown: HostTopology = { ...topology, nodes: topology.nodes.filter(node => !hiddenNodes.has(node.id)) };
  return compareGroups('lstopo', { ...groups, numa: hasMemoryNodes ? null : groups.numa }, dimension =>
    ourSets(shown, dimension).map(cpus => cpus.filter(cpu => !hiddenCpus.has(cpu))),
  );
}

/**
 * What each device is that lstopo shows, and the CPUs near it. Locality is compared where the device itself has a node, and the mask
 * `local_cpus` was captured: without it lstopo hangs the device below the whole machine, or below the CPUs of its bridge.
 */
function comparePci(tree: TextTree, topology: HostTopology, { pciDevices }: LstopoReport): readonly Compared[] {
  if (pciDevices.length === 0) return [];
  const shown = new Map(pciDevices.map(device => [device.address, device]));
  const ours = parsePciDevices(tree, topology).devices.filter(({ address }) => shown.has(address));
  const located = ours.filter(
    ({ address, node }) => node !== null && tree.read(`${PCI_ROOT}/${address}/local_cpus`) !== null,
  );
  const join = (texts: readonly string[]): string => texts.join(' | ');
  const compared = (dimension: string, mine: readonly string[], theirs: readonly string[]): Compared[] =>
    mine.length === 0 ? [] : [{ dimension, tool: 'lstopo', ours: join(mine), theirs: join(theirs) }];
  const kinds = ours.map(found => `${found.address} ${found.class.slice(0, 4)} ${found.vendor}:${found.device}`);
  const theirKinds = pciDevices.map(({ address, kind }) => `${address} ${kind}`);
  const near = located.map(({ address, localCpus }) => `${address} ${encodeIdList(localCpus ?? cpuSet())}`);
  const theirNear = located.map(({ address }) => `${address} ${encodeIdList(cpuSet(shown.get(address)?.cpus ?? []))}`);
  return [...compared('pci', kinds, theirKinds), ...compared('pci locality', near, theirNear)];
}

/** Order-free text of a partition: `0-7,16-23 | 8-15,24-31`. */
function encodeGroups(groups: readonly CpuSet[]): string {
  return groups
    .filter(cpus => !cpus.isEmpty)
    .map(cpus => encodeIdList(cpus))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))
    .join(' | ');
}

function compareNumactl(
  topology: HostTopology,
  memory: readonly NodeMemory[],
  report: NumactlReport,
): readonly Compared[] {
  const compared = (dimension: string, ours: readonly string[], theirs: readonly string[]): Compared => ({
    dimension,
    tool: 'numactl',
    ours: ours.join(' | '),
    theirs: theirs.join(' | '),
  });
  const ids = [...report.nodes.keys()];
  // numactl believes nodes that still list their offline CPUs; lscpu is the judge of what is online.
  const online = (cpus: readonly number[]): CpuSet => cpuSet(cpus).intersection(topology.online);
  const theirNodes = [...report.nodes].map(([id, { cpus }]) => `${id}: ${encodeIdList(online(cpus))}`);
  const cases = [
    compared(
      'numa',
      topology.nodes.map(({ id, cpus }) => `${id}: ${encodeIdList(cpus)}`),
      theirNodes,
    ),
  ];
  if (report.distances.size > 0) {
    cases.push(
      compared(
        'distances',
        topology.nodes.map(node => [...node.distances.values()].join(' ')),
        ids.map(id => (report.distances.get(id) ?? []).join(' ')),
      ),
    );
  }
  const sizes = topology.nodes.map(node => node.memoryMiB);
  if ([...report.nodes.values()].every(node => node.sizeMiB !== null)) {
    cases.push(
      compared(
        'size',
        sizes.map(String),
        ids.map(id => `${report.nodes.get(id)?.sizeMiB}`),
      ),
    );
  }
  if ([...report.nodes.values()].every(node => node.freeMiB !== null)) {
    cases.push(
      compared(
        'free',
        memory.map(node => `${node.freeMiB}`),
        ids.map(id => `${report.nodes.get(id)?.freeMiB}`),
      ),
    );
  }
  return cases;
}
