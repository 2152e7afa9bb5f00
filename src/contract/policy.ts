// Policy as it is written in policy.yaml: every part optional, closed, so that a typo is an error.
import * as z from 'zod/mini';
import { doctorCodeJson } from './doctor.ts';
import { cpuSetJson, vmIdJson } from './values.ts';

const nearJson: z.ZodMiniType<readonly string[], string[]> = z.array(
  z.string().check(z.regex(/^hostpci\d{1,2}$/, 'passthrough devices are named by their keys, such as hostpci0')),
);

const guestFields = {
  class: z.optional(z.enum(['dedicated', 'confined', 'shared'])),
  smt: z.optional(z.enum(['auto', 'pairs', 'isolate', 'any'])),
  memory: z.optional(z.enum(['preferred', 'bind'])),
  span: z.optional(z.enum(['llc', 'node'])),
  emulator: z.optional(z.enum(['housekeeping', 'own'])),
  /** From the guest's next start on; left out, whatever its config says. */
  hugepages: z.optional(z.enum(['1G', '2M', 'none'])),
  /** Passthrough devices, `hostpci0` and so on; empty: none of them matters. */
  near: z.optional(nearJson),
  cache: z.optional(z.enum(['auto', 'large', 'any'])),
  /** `runtime`: CPUs and nodes are kept out of its config; left out, so for VMs that HA may start on another node. */
  config: z.optional(z.enum(['write', 'runtime'])),
  /** The hookscript stops a start that cannot be placed as planned; never one by HA or for a backup. */
  strict: z.optional(z.boolean()),
  /** `keep`: emulator threads stay where they are during backups and migrations; left out, they get the host's CPUs, too. */
  whileCopied: z.optional(z.enum(['widen', 'keep'])),
  priority: z.optional(z.int().check(z.minimum(-1000), z.maximum(1000))),
};

export const guestPolicyJson = z.strictObject(guestFields);

/** A finding that is known and accepted: of these guests, or wherever it occurs. */
export const ignoreEntryJson = z.strictObject({
  code: doctorCodeJson,
  guests: z.optional(z.array(vmIdJson)),
  reason: z.string().check(z.regex(/\S/, 'say why')),
});

export const policyJson = z.strictObject({
  host: z.optional(
    z.strictObject({
      housekeeping: z.optional(
        z.strictObject({
          coresPerNode: z.optional(z.int().check(z.minimum(0), z.maximum(64))),
          /** CPUs that are never dedicated, besides CPU 0's core; replaces coresPerNode. */
          cpus: z.optional(cpuSetJson),
        }),
      ),
      isolation: z.optional(z.enum(['none', 'confine', 'partition'])),
      /** Of the host's devices: off dedicated CPUs, where the kernel lets them. */
      interrupts: z.optional(z.enum(['move', 'leave'])),
    }),
  ),
  /** A guest that runs here without a placement, as after a migration: whether the agent may give it one. */
  onArrival: z.optional(z.enum(['place', 'leave'])),
  tags: z.optional(z.record(z.string().check(z.regex(/^[a-z0-9_][a-z0-9_+.-]*$/i)), guestPolicyJson)),
  guests: z.optional(z.record(z.string().check(z.regex(/^[1-9]\d{0,8}$/)), guestPolicyJson)),
  doctor: z.optional(z.strictObject({ ignore: z.optional(z.array(ignoreEntryJson)) })),
});

export type PolicyJson = z.output<typeof policyJson>;
