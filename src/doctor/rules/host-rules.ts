// Rules about the host itself: its cgroups, its interrupts, its kernel and the knobs of that.
import type { HostFacts } from '#domain/doctor/host-facts.ts';
import type { DoctorRules } from '../doctor-rule.ts';
import { cgroupRules } from './cgroup-rules.ts';
import { interruptRules } from './interrupt-rules.ts';
import { kernelWorkRules } from './kernel-work-rules.ts';
import { tuningRules } from './tuning-rules.ts';

export const hostRules: DoctorRules<HostFacts> = {
  ...cgroupRules,
  ...interruptRules,
  ...kernelWorkRules,
  ...tuningRules,
};
