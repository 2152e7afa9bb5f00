// Rules about a placement that the machine or the configs no longer fit.
import type { DriftFacts } from '#domain/doctor/drift-facts.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { textEvidence, valueEvidence } from '../evidence.ts';

export const driftRules: DoctorRules<DriftFacts> = {
  'fingerprint-changed': hostRule('hurts-latency', findChangedFingerprint),
};

function findChangedFingerprint({
  inventory: { placement, topology },
  recordedTopology,
  texts,
}: DoctorView): Judgement<DriftFacts['fingerprint-changed']> | null {
  if (placement === null || placement.guests.length === 0 || recordedTopology === null) return null;
  const before = fingerprintOf(recordedTopology.topology);
  const now = fingerprintOf(topology);
  const parts = (['cpus', 'cores', 'llcs', 'nodes'] as const).filter(part => before[part] !== now[part]);
  if (parts.length === 0) return null;
  return {
    facts: { parts, onlineBefore: recordedTopology.topology.online, onlineNow: topology.online },
    evidence: [...textEvidence(recordedTopology.source, /^ {2}"online": /), ...valueEvidence(texts.online)],
    fix: {
      kind: 'commands',
      commands: [
        ['berth', 'plan'],
        ['berth', 'apply'],
      ],
    },
  };
}

/** What BIOS, SMT and NPS settings change: which CPUs there are, and which of them belong together. */
function fingerprintOf({ online, cores, llcs, nodes }: HostTopology) {
  const groups = (parts: ReadonlyArray<{ readonly cpus: HostTopology['online'] }>) =>
    parts.map(({ cpus }) => encodeIdList(cpus)).join(' ');
  return {
    cpus: encodeIdList(online),
    cores: groups(cores),
    llcs: groups(llcs),
    nodes: nodes.map(({ id, cpus }) => `${id}:${encodeIdList(cpus)}`).join(' '),
  };
}
