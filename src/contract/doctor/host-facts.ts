// JSON of the facts of findings about the host's kernel, cgroups and interrupts.
import * as z from 'zod/mini';
import type { HostFacts } from '#domain/doctor/host-facts.ts';
import { cpuSetJson, vmIdJson, wholeNumber } from '../values.ts';
import type { FactsJson } from './facts-json.ts';

const text = z.string();
const cpus = cpuSetJson;
const vmids = z.array(vmIdJson);

export const hostFactsJson = {
  'cgroup-v1': { requested: z.boolean() },
  'cgroup-narrows-vm': { cgroup: text, cpus, allowed: cpus },
  'exclusive-leftover': { cgroup: text, cpus, used: cpus },
  'partition-invalid': { cgroup: text, reason: text },
  'partition-leftover': { cgroup: text, cpus },
  'systemd-narrows-vms': { cpus, vmids },

  'interrupts-on-pinned': { cpus, interrupts: z.array(wholeNumber), names: z.array(text), perSecond: wholeNumber },
  'irqbalance-on-pinned': { cpus },

  'workqueues-on-pinned': { cpus, rest: cpus },
  'watchdog-on-pinned': { cpus, rest: cpus },

  'governor-powersave': { cpus, driver: text },
  'governor-lowest': { cpus, driver: text },
  'halt-polling-off': { vmids },
  'kernel-resets-masks': { release: text, vmids },
  'ksmtuned-beside-pinned': { vmids },
  'realtime-threads': { threads: wholeNumber, priority: wholeNumber },
} satisfies FactsJson<HostFacts>;
