// The English of findings about the NUMA lines of VMs.
import type { NumaFacts } from '#domain/doctor/numa-facts.ts';
import type { DoctorMessages } from './message.ts';

export const numaMessages: DoctorMessages<NumaFacts> = {
  'numa-line-without-numa': {
    what: f => `${f.keys.join(', ')} ${f.keys.length === 1 ? 'counts' : 'count'} for nothing without "numa: 1".`,
    why: 'Proxmox reads numaN lines only when numa is on; memory is then wherever the kernel puts it.',
    advice: f => {
      if (f.problem !== null)
        return `Setting numa: 1 would stop the VM from starting (${f.problem}): repair the lines first.`;
      return f.binds
        ? 'Set numa: 1, but write policy=preferred: memory bound to a full node is killed, not moved.'
        : 'Set numa: 1; it counts from the next start.';
    },
  },
};
