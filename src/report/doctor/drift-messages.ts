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
};
