// What of a machine a placement depends on: which CPUs there are, and which of them belong together.
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';

const PARTS = ['cpus', 'cores', 'llcs', 'nodes'] as const;
type FingerprintPart = (typeof PARTS)[number];

/** What BIOS, SMT and NPS settings change, or another machine has otherwise; empty when CPU numbers mean the same on both. */
export function changedParts(before: HostTopology, now: HostTopology): readonly FingerprintPart[] {
  const [one, other] = [fingerprintOf(before), fingerprintOf(now)];
  return PARTS.filter(part => one[part] !== other[part]);
}

function fingerprintOf({ online, cores, llcs, nodes }: HostTopology): Readonly<Record<FingerprintPart, string>> {
  const groups = (parts: ReadonlyArray<{ readonly cpus: HostTopology['online'] }>) =>
    parts.map(({ cpus }) => encodeIdList(cpus)).join(' ');
  return {
    cpus: encodeIdList(online),
    cores: groups(cores),
    llcs: groups(llcs),
    nodes: nodes.map(({ id, cpus }) => `${id}:${encodeIdList(cpus)}`).join(' '),
  };
}
