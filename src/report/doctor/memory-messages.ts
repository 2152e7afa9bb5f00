// The English of findings about memory.
import type { MemoryFacts } from '#domain/doctor/memory-facts.ts';
import type { DoctorMessages } from './message.ts';

export const memoryMessages: DoctorMessages<MemoryFacts> = {
  'ksm-merges-across-nodes': {
    what: f => `KSM merges pages across NUMA nodes, also those of pinned VMs ${f.vmids.join(', ')}.`,
    why: 'Of equal pages one is kept, on whichever node it happens to be: for the others that memory is remote.',
    advice: () => 'Merge within nodes only, or keep one VM out with allow-ksm: 0 (qemu-server 9.0.27 and later).',
  },
};
