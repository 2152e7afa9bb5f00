// The English of findings about a placement that no longer fits.
import type { DriftFacts } from '#domain/doctor/drift-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { DoctorMessages } from './message.ts';

const PARTS = {
  cpus: 'which CPUs are online',
  cores: 'which CPUs are siblings',
  llcs: 'which CPUs share a cache',
  nodes: 'which CPUs are on which node',
} as const;

const AGENTS = {
  off: 'berth.service is neither enabled nor running',
  unenabled: 'berth.service runs, and is not enabled for the next boot',
  stopped: 'berth.service is enabled, and does not run',
} as const;

export const driftMessages: DoctorMessages<DriftFacts> = {
  'fingerprint-changed': {
    what: f => {
      const online = f.onlineBefore.equals(f.onlineNow)
        ? ''
        : ` (online ${encodeIdList(f.onlineBefore)}, now ${encodeIdList(f.onlineNow)})`;
      return `The machine is not the one that was planned for: changed ${f.parts.map(part => PARTS[part]).join(', ')}${online}.`;
    },
    why: 'A setting of the firmware, such as SMT or nodes per socket, gives the same CPU numbers to other cores.',
    advice: () => 'Plan again for the machine as it is now, or put the setting back.',
  },
  'placement-deviates': {
    what: f =>
      `${f.deviations === 1 ? 'One deviation' : `${f.deviations} deviations`} from the placement in force${f.vmids.length === 0 ? '' : `, at ${f.vmids.length === 1 ? 'guest' : 'guests'} ${f.vmids.join(', ')}`}.`,
    why: 'Configs are edited, guests restart and arrive, other tools set masks: what was applied once does not stay by itself.',
    advice: () =>
      'See `berth verify` for what each is; `berth plan` and `berth apply` put it right, and `berth agent` keeps it so.',
  },
  'placement-not-kept': {
    what: f =>
      `${AGENTS[f.agent]}: ${f.vmids.length === 1 ? `guest ${f.vmids[0]} loses` : `guests ${f.vmids.join(', ')} lose`} the CPU of each vCPU at the next restart.`,
    why: 'A config can give a VM one mask for all its threads; which vCPU runs on which of the CPUs is set while it runs, and ends with it.',
    advice: () =>
      "Enable Berth's agent (`berth agent`): it pins a guest when it starts, and again when somebody else has moved it.",
  },
  'placed-guest-gone': {
    what: f => `The placement keeps CPUs for guests that are not here: ${absences(f).join(', ')}.`,
    why: 'CPUs stay with a placed guest until the next plan, whether or not it still exists, and a VMID that was reused is another guest.',
    advice: () => 'Plan again: their CPUs become free.',
  },
};

const absences = ({ gone, moved, replaced }: DriftFacts['placed-guest-gone']): readonly string[] =>
  [
    { vmids: gone, how: 'deleted' },
    { vmids: moved, how: 'on another node' },
    { vmids: replaced, how: 'now another guest' },
  ].flatMap(({ vmids, how }) => (vmids.length === 0 ? [] : [`${vmids.join(', ')} (${how})`]));
