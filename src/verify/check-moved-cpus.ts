// The CPU numbers of a guest's config on another node: absent, fewer, or the same numbers on other cores.
import type { HostTopology } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { CpuId } from '#domain/ids.ts';
import { type CpuSite, type MovedCpu, type MoveFinding, moveFinding } from '#domain/move.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import type { MovedConfig } from './check-move.ts';

export function* checkMovedCpus({ guest, values, at, here, there }: MovedConfig): Generator<MoveFinding> {
  if (guest.kind !== 'vm') return;
  const { online } = there.topology;
  const { vcpus } = guest;
  if (vcpus > online.size) {
    yield moveFinding('vcpus-over-cpus', { effect: 'stops', at }, { vcpus, cpus: online.size });
  }
  const view = parseAffinity(values.get('affinity') ?? '');
  if (view.kind !== 'set') return;
  const absent = view.cpus.difference(online);
  const left = view.cpus.intersection(online);
  if (left.isEmpty) yield moveFinding('affinity-absent', { effect: 'stops', at }, { affinity: view.cpus, online });
  else if (!absent.isEmpty) {
    yield moveFinding('affinity-narrower', { effect: 'unnoticed', at }, { absent, left, vcpus });
  }
  const cpus = findMovedCpus(view.cpus, here.topology, there.topology);
  if (cpus.length > 0) yield moveFinding('pins-elsewhere', { effect: 'unnoticed', at }, { cpus });
}

/** A container's set goes to the kernel as it is, which refuses numbers that it has no CPU for. */
export function* checkContainerCpus({ guest, at, here, there }: MovedConfig): Generator<MoveFinding> {
  const cpuset = guest.kind === 'container' ? guest.cpuset : null;
  if (cpuset === null) return;
  const absent = cpuset.difference(there.topology.online);
  if (!absent.isEmpty) yield moveFinding('container-cpus-absent', { effect: 'stops', at }, { absent, cpuset });
  const cpus = findMovedCpus(cpuset, here.topology, there.topology);
  if (cpus.length > 0) yield moveFinding('pins-elsewhere', { effect: 'unnoticed', at }, { cpus });
}

/** CPUs of the set that both nodes have, and that stand for something else there. */
function findMovedCpus(cpus: CpuSet, here: HostTopology, there: HostTopology): readonly MovedCpu[] {
  const both = cpus.intersection(here.online).intersection(there.online);
  return both.ids
    .map(cpu => ({ cpu, here: findSite(cpu, here), there: findSite(cpu, there) }))
    .filter(moved => differs(moved, both));
}

/** Another node, core or core kind, no large cache any more, or a cache shared with other CPUs of the set. */
function differs({ here, there }: MovedCpu, cpus: CpuSet): boolean {
  const sameCache = here.llc.intersection(cpus).equals(there.llc.intersection(cpus));
  return (
    here.node !== there.node ||
    here.kind !== there.kind ||
    (here.largeCache && !there.largeCache) ||
    !here.siblings.equals(there.siblings) ||
    !sameCache
  );
}

function findSite(cpu: CpuId, { cores, llcs }: HostTopology): CpuSite {
  const core = cores.find(({ cpus }) => cpus.has(cpu));
  const llc = llcs.find(({ cpus }) => cpus.has(cpu));
  return {
    node: core?.node ?? null,
    llc: llc?.cpus ?? cpuSet(),
    largeCache: llc?.large === true,
    siblings: core?.cpus.filter(other => other !== cpu) ?? cpuSet(),
    kind: core?.kind ?? 'uniform',
  };
}
