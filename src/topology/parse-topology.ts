// The whole machine from sysfs and procfs: cores, packages, LLC domains and NUMA nodes, with what is not known said.

import { invariant } from '#domain/errors.ts';
import type { Core, HostTopology, LlcDomain, NumaNode, Package } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { type CpuId, coreId, packageId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseCoreKinds } from './parse-core-kinds.ts';
import { parseCores } from './parse-cores.ts';
import { CPU_ROOT, type CpuStates, parseCpuStates } from './parse-cpu-states.ts';
import { parseGroups } from './parse-groups.ts';
import { parseLlcs } from './parse-llcs.ts';
import { parseNodes } from './parse-nodes.ts';
import { parsePackages } from './parse-packages.ts';
import { parseProcessor } from './parse-processor.ts';
import { indexGroups } from './partition.ts';
import { SysfsReader } from './sysfs-reader.ts';

/**
 * Reads the machine below a tree's `/sys` and `/proc`. Files that are absent, unreadable or contradict each other become entries of `unknown`.
 * @throws ParseError naming the file, when a file's text is malformed or cut off.
 */
export function parseTopology(tree: TextTree): HostTopology {
  const reader = new SysfsReader(tree);
  const states = parseCpuStates(reader);
  const packages = parsePackages(reader, states.online);
  const llcs = parseLlcs(reader, states.online, packages);
  const nodes = parseNodes(reader, states.online);
  const dies = parseGroups(reader, states.online, 'die');
  const clusters = parseGroups(reader, states.online, 'cluster');
  const cores = makeCores(reader, states, { packages, llcs, nodes });
  const processor = parseProcessor(reader);
  return {
    ...{ ...states, ...processor, packages, llcs, cores, nodes, unknown: reader.unknown },
    ...(dies && { dies }),
    ...(clusters && { clusters }),
  };
}

interface Domains {
  readonly packages: readonly Package[];
  readonly llcs: readonly LlcDomain[];
  readonly nodes: readonly NumaNode[];
}

/** A core belongs where its lowest CPU belongs; a core that lies across two domains is reported. */
function makeCores(
  reader: SysfsReader,
  { present, online }: CpuStates,
  { packages, llcs, nodes }: Domains,
): readonly Core[] {
  const packageOf = indexGroups(packages);
  const llcOf = indexGroups(llcs);
  const nodeOf = indexGroups(nodes);
  const siblings = parseCores(reader, online);
  const kindOf = parseCoreKinds(reader, { present, online, cores: siblings });
  return siblings.map(cpus => {
    const first = lowestCpu(cpus);
    const home = { package: packageOf.get(first), llc: llcOf.get(first), node: nodeOf.get(first) };
    for (const [domain, found] of Object.entries(home)) {
      if (!found || cpus.isSubsetOf(found.cpus)) continue;
      const reason = `broken firmware: the core with CPUs ${encodeIdList(cpus)} lies in more than one ${domain}: CPU ${first}'s counts`;
      reader.note(`${CPU_ROOT}/cpu${first}/topology`, reason);
    }
    return {
      id: coreId(first),
      cpus,
      package: home.package?.id ?? packageId(0),
      llc: home.llc?.id ?? null,
      node: home.node?.id ?? null,
      kind: kindOf(first),
    };
  });
}

function lowestCpu(cpus: CpuSet): CpuId {
  const { first } = cpus;
  invariant(first !== undefined, 'a core has at least one CPU');
  return first;
}
