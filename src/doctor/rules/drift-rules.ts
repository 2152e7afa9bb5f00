// Rules about a placement that the machine, the configs or the threads no longer fit.
import type { DriftFacts } from '#domain/doctor/drift-facts.ts';
import type { Evidence, Fix } from '#domain/doctor-finding.ts';
import type { Finding } from '#domain/finding.ts';
import { isSameGuest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { SourceText } from '#domain/text-tree.ts';
import type { DoctorTexts } from '../doctor-files.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { fileEvidence, keyEvidence, textEvidence, valueEvidence } from '../evidence.ts';
import { changedParts } from '../fingerprint.ts';
import { placementEvidence } from '../owner-evidence.ts';

export const driftRules: DoctorRules<DriftFacts> = {
  'fingerprint-changed': hostRule('hurts-latency', findChangedFingerprint),
  'placement-deviates': hostRule('hurts-latency', findDeviations),
  'placement-not-kept': hostRule('worth-knowing', findNoAgent),
  'placed-guest-gone': hostRule('worth-knowing', findGoneGuests),
};

const PLAN_AGAIN: Fix = {
  kind: 'commands',
  commands: [
    ['berth', 'plan'],
    ['berth', 'apply'],
  ],
};

function findChangedFingerprint({
  inventory: { placement, topology },
  recordedTopology,
  texts,
}: DoctorView): Judgement<DriftFacts['fingerprint-changed']> | null {
  if (placement === null || placement.guests.length === 0 || recordedTopology === null) return null;
  const parts = changedParts(recordedTopology.topology, topology);
  if (parts.length === 0) return null;
  return {
    facts: { parts, onlineBefore: recordedTopology.topology.online, onlineNow: topology.online },
    evidence: [...textEvidence(recordedTopology.source, /^ {2}"online": /), ...valueEvidence(texts.online)],
    fix: PLAN_AGAIN,
  };
}

/** Told by findings of their own here, or no deviation but a restart that somebody knows of. */
const TOLD_ELSEWHERE: ReadonlySet<Finding['code']> = new Set([
  'guest-gone',
  'guest-identity',
  'cpu-went-offline',
  'restart-pending',
]);

/** On another machine than the placement's everything deviates, and has one cause. */
function findDeviations(view: DoctorView): Judgement<DriftFacts['placement-deviates']> | null {
  const { verified, recordedTopology, inventory } = view;
  if (verified === null) return null;
  if (recordedTopology !== null && changedParts(recordedTopology.topology, inventory.topology).length > 0) return null;
  const waiting = new Set(verified.guests.flatMap(({ vmid, state }) => (state === 'restartPending' ? [vmid] : [])));
  const deviations = verified.findings.filter(found => {
    const waits = 'vmid' in found && waiting.has(found.vmid);
    return found.severity !== 'note' && !TOLD_ELSEWHERE.has(found.code) && !waits;
  });
  if (deviations.length === 0) return null;
  const vmids = [...new Set(deviations.flatMap(found => ('vmid' in found ? [found.vmid] : [])))];
  return {
    facts: { deviations: deviations.length, vmids: vmids.sort((a, b) => a - b) },
    evidence: [placementEvidence(view), ...driftedLines(deviations, view)],
    fix: null,
  };
}

const driftedLines = (deviations: readonly Finding[], { vms }: DoctorView): readonly Evidence[] =>
  deviations.flatMap(found => {
    const vm = found.code === 'config-drift' ? vms.find(({ guest }) => guest.vmid === found.vmid) : undefined;
    return vm === undefined || found.code !== 'config-drift' ? [] : keyEvidence(vm, [found.key]);
  });

/** A config gives all threads of a VM one mask; a container's line says all there is to say. */
function findNoAgent(view: DoctorView): Judgement<DriftFacts['placement-not-kept']> | null {
  const { placement, guests } = view.inventory;
  const placed = placement?.guests.filter(({ kind, vmid, class: wanted }) => {
    const isHere = guests.some(guest => guest.kind === 'vm' && guest.vmid === vmid);
    return kind === 'vm' && wanted === 'dedicated' && isHere;
  });
  const agent = agentState(view.texts);
  if (placed === undefined || placed.length === 0 || agent === 'kept') return null;
  return {
    facts: { vmids: placed.map(({ vmid }) => vmid), agent },
    evidence: [
      placementEvidence(view),
      ...fileEvidence(view.texts.agentEnabled),
      ...valueEvidence(agentEvents(view.texts)),
    ],
    fix: { kind: 'commands', commands: [['systemctl', 'enable', '--now', 'berth.service']] },
  };
}

const SERVICES = '/sys/fs/cgroup/system.slice';

const agentEvents = ({ scopeEvents }: DoctorTexts): SourceText | null =>
  scopeEvents.find(({ file }) => file === `${SERVICES}/berth.service/cgroup.events`) ?? null;

/** Where systemd's cgroups cannot be seen, whether it runs is not known: that it is enabled must do. */
function agentState(texts: DoctorTexts): DriftFacts['placement-not-kept']['agent'] | 'kept' {
  const isRunning = /^populated 1$/m.test(agentEvents(texts)?.text ?? '');
  if (texts.agentEnabled === null) return isRunning ? 'unenabled' : 'off';
  const seesServices = texts.sliceEvents.some(({ file }) => file === `${SERVICES}/cgroup.events`);
  return isRunning || !seesServices ? 'kept' : 'stopped';
}

/** Its CPUs stay with a guest that is not here: nobody else is given them until the next plan. */
function findGoneGuests(view: DoctorView): Judgement<DriftFacts['placed-guest-gone']> | null {
  const { inventory, elsewhere } = view;
  const absent = inventory.placement?.guests.flatMap(({ vmid, kind, identity }) => {
    const here = inventory.guests.find(guest => guest.vmid === vmid && guest.kind === kind);
    if (here !== undefined && isSameGuest(here.identity, identity)) return [];
    const where = elsewhere.some(({ guest }) => guest.vmid === vmid && isSameGuest(guest.identity, identity))
      ? 'moved'
      : here === undefined
        ? 'gone'
        : 'replaced';
    return [{ vmid, where }];
  });
  if (absent === undefined || absent.length === 0) return null;
  const those = (wanted: string): readonly VmId[] =>
    absent.filter(({ where }) => where === wanted).map(({ vmid }) => vmid);
  return {
    facts: { gone: those('gone'), moved: those('moved'), replaced: those('replaced') },
    evidence: [placementEvidence(view)],
    fix: PLAN_AGAIN,
  };
}
