// Compares the cores that we would keep for a host with those that another project's tests expect of its own advice, on real machines.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { openHost } from '#host/open-host.ts';
import { limitTopology } from '#plan/limit-topology.ts';
import { reserveCores } from '#plan/reserve-cores.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import type { ConformResult } from './result.ts';
import { visitMachines } from './unpack-machines.ts';

interface ReserveCase {
  readonly name: string;
  readonly args: {
    readonly 'must-gather-dir-path': string;
    readonly 'mcp-name': string;
    readonly 'reserved-cpu-count': number;
    readonly 'disable-ht'?: boolean;
    readonly 'split-reserved-cpus-across-numa'?: boolean;
  };
  readonly expect: { readonly reserved: string; readonly isolated: string; readonly offlined: string | null };
}

interface ReserveCorpus {
  /** Directory and pool → the machine's name in the corpora. */
  readonly machines: Readonly<Record<string, string>>;
  readonly cases: readonly ReserveCase[];
}

export async function runReserve(corpora: string): Promise<ConformResult> {
  const text = readFileSync(join(corpora, 'plan-cases/ppc-reserve.json'), 'utf8');
  const { machines, cases } = JSON.parse(text) as ReserveCorpus;
  const topologies = readTopologies(corpora, new Set(Object.values(machines)));
  const exceptions: { case: string; reason: string }[] = [];
  const disagreements: { case: string; detail: string }[] = [];
  for (const one of cases) {
    const machine = machines[`${one.args['must-gather-dir-path']}/${one.args['mcp-name']}`];
    const topology = topologies.get(machine ?? '');
    if (topology === undefined) throw new Error(`${one.name} is about a machine that is not in the corpora`);
    const problem = compare(one, topology);
    if (problem === null) continue;
    const reason = explain(one, topology);
    if (reason === null) disagreements.push({ case: one.name, detail: problem });
    else exceptions.push({ case: one.name, reason });
  }
  const agree = cases.length - exceptions.length - disagreements.length;
  return { part: 'reserve', agree, total: cases.length, exceptions, disagreements };
}

/**
 * What the host keeps, and what it does not. Which CPUs of the latter are taken offline to save power is that project's matter alone.
 * Null where both agree.
 */
function compare({ args, expect }: ReserveCase, whole: HostTopology): string | null {
  const topology = args['disable-ht'] === true ? withoutSiblings(whole) : whole;
  const threads = Math.max(...topology.cores.map(({ cpus }) => cpus.size));
  const cores = Math.ceil(args['reserved-cpu-count'] / threads);
  const spread = args['split-reserved-cpus-across-numa'] === true ? 'each-node' : 'together';
  const kept = reserveCores(topology, cores, spread);
  const left = topology.online.difference(kept);
  const expected = `${expect.reserved} kept, ${encodeIdList(leftIn(expect, topology))} left`;
  const found = `${encodeIdList(kept)} kept, ${encodeIdList(left)} left`;
  return expected === found ? null : `expected ${expected}, got ${found}`;
}

const leftIn = ({ isolated, offlined }: ReserveCase['expect'], { online }: HostTopology): CpuSet =>
  parseCpuList(isolated)
    .union(parseCpuList(offlined ?? ''))
    .intersection(online);

function explain({ expect }: ReserveCase, { cores }: HostTopology): string | null {
  const kept = parseCpuList(expect.reserved);
  const isSplit = cores.some(({ cpus }) => !cpus.isDisjointFrom(kept) && !cpus.isSubsetOf(kept));
  return isSplit
    ? 'it keeps one thread of a core and gives the other to guests; we keep whole cores, because siblings disturb each other'
    : null;
}

/** As after switching SMT off: the first thread of each core stays. */
const withoutSiblings = (topology: HostTopology): HostTopology =>
  limitTopology(topology, cpuSet(topology.cores.flatMap(({ cpus }) => cpus.first ?? [])));

function readTopologies(corpora: string, names: ReadonlySet<string>): ReadonlyMap<string, HostTopology> {
  const topologies = new Map<string, HostTopology>();
  visitMachines(
    corpora,
    ({ name, root }) => topologies.set(name, parseTopology(openHost(root))),
    name => names.has(name),
  );
  return topologies;
}
