// The English of findings about isolated CPUs.
import type { IsolationFacts } from '#domain/doctor/isolation-facts.ts';
import type { DoctorMessages } from './message.ts';

export const isolationMessages: DoctorMessages<IsolationFacts> = {
  'cpu0-isolated': {
    what: f => `CPU 0 is among the CPUs of ${f.parameters.join(' and ')}.`,
    why: 'CPU 0 keeps time and takes interrupts whatever it is told: the kernel drops it from nohz_full, and what remains are two sets that do not match.',
    advice: () => "Isolate whole cores, both threads of each, and leave CPU 0's core out; then reboot.",
  },
};
