// Policy as it is written in policy.yaml: every part optional, closed, so that a typo is an error.
import * as z from 'zod/mini';
import { doctorCodeJson } from './doctor.ts';
import { hostLayersJson } from './host-layer.ts';
import { cpuSetJson, vmIdJson } from './values.ts';

const nearJson: z.ZodMiniType<readonly string[], string[]> = z.array(
  z.string().check(z.regex(/^hostpci\d{1,2}$/, 'passthrough devices are named by their keys, such as hostpci0')),
);

/** Says what a key means: in the published schema, and so in editors, and in docs/reference/policy.md. */
const says = (description: string) => z.describe(description);

const guestFields = {
  class: z.optional(
    z
      .enum(['dedicated', 'confined', 'shared'])
      .check(
        says(
          '`dedicated`: a host CPU for every vCPU, and nobody else on its cores. `confined`: kept inside one NUMA node or cache, whose CPUs it shares with other confined guests. `shared`, the default: what is left',
        ),
      ),
  ),
  smt: z.optional(
    z
      .enum(['auto', 'pairs', 'isolate', 'any'])
      .check(
        says(
          'What shares a core. `isolate`: one vCPU on each core, its other thread idle. `pairs`: vCPUs 2k and 2k+1 on one core. `any`: cores are filled thread by thread. `auto`, the default: `isolate` where cores suffice',
        ),
      ),
  ),
  memory: z.optional(
    z
      .enum(['preferred', 'bind'])
      .check(
        says(
          '`preferred`, the default: from its own node as long as there is any. `bind`: from nowhere else, and when the node is full the kernel kills the guest',
        ),
      ),
  ),
  span: z.optional(
    z
      .enum(['llc', 'node'])
      .check(says('What a confined guest is kept inside: one last-level cache, or one NUMA node, the default')),
  ),
  emulator: z.optional(
    z
      .enum(['housekeeping', 'own'])
      .check(says("Where QEMU's other threads run: on the host's CPUs, the default, or on a core of the guest's own")),
  ),
  hugepages: z.optional(
    z
      .enum(['1G', '2M', 'none'])
      .check(
        says("Size of the pages of its memory, from the guest's next start on; left out, whatever its config says"),
      ),
  ),
  ksm: z.optional(
    z
      .enum(['off', 'leave'])
      .check(
        says(
          "`off`: KSM does not merge its memory with other guests', from its next start on (qemu-server 9.0.27 and later). `leave`, the default: whatever its config says",
        ),
      ),
  ),
  near: z.optional(
    nearJson.check(
      says(
        "Passthrough devices that count when nodes are chosen, such as `[hostpci0]`; left out, all of the guest's; empty, none of them",
      ),
    ),
  ),
  cache: z.optional(
    z
      .enum(['auto', 'large', 'any'])
      .check(
        says(
          'On a processor with unlike dies: `large` wants those with the large cache. `auto`, the default, wants them for the only dedicated guest',
        ),
      ),
  ),
  config: z.optional(
    z
      .enum(['write', 'runtime'])
      .check(
        says(
          '`runtime`: CPUs and nodes are kept out of its config, because that goes with it to other nodes, and it is placed when it has started. Left out: so for VMs that high availability may start elsewhere',
        ),
      ),
  ),
  strict: z.optional(
    z
      .boolean()
      .check(
        says(
          'The hookscript stops a start that cannot be placed as planned; never one by high availability or for a backup',
        ),
      ),
  ),
  whileCopied: z.optional(
    z
      .enum(['widen', 'keep'])
      .check(
        says(
          "During a backup or a migration its emulator threads may use all of the host's own CPUs (`widen`, the default), or stay where they are",
        ),
      ),
  ),
  priority: z.optional(
    z
      .int()
      .check(
        z.minimum(-1000),
        z.maximum(1000),
        says('Who is placed first where not everybody fits; 0 if left out, higher comes first'),
      ),
  ),
};

export const guestPolicyJson = z.strictObject(guestFields);

/** A finding that is known and accepted: of these guests, or wherever it occurs. */
export const ignoreEntryJson = z.strictObject({
  code: doctorCodeJson.check(says('A finding of doctor that is known and accepted')),
  guests: z.optional(z.array(vmIdJson).check(says('Of these guests only; left out, wherever it occurs'))),
  reason: z.string().check(z.regex(/\S/, 'say why'), says('Why; it is shown with the finding')),
});

export const policyJson = z.strictObject({
  host: z.optional(
    z.strictObject({
      housekeeping: z.optional(
        z.strictObject({
          coresPerNode: z.optional(
            z
              .int()
              .check(
                z.minimum(0),
                z.maximum(64),
                says("Whole cores of each node that are kept for the host, the boot CPU's always among them"),
              ),
          ),
          cpus: z
            .optional(cpuSetJson)
            .check(says("CPUs that are never dedicated, beside the boot CPU's core; instead of coresPerNode")),
        }),
      ),
      isolation: z.optional(
        z
          .enum(['none', 'confine', 'partition', 'boot'])
          .check(
            says(
              "What keeps everything but guests off dedicated CPUs, live: `confine` keeps systemd's units off, `partition` the kernel itself; `boot`: kernel parameters, which `berth isolate` writes; `none`, the default, pins only",
            ),
          ),
      ),
      interrupts: z.optional(
        z
          .enum(['move', 'leave'])
          .check(
            says(
              "Interrupts of the host's devices: off dedicated CPUs where the kernel lets them, or left, the default",
            ),
          ),
      ),
      layers: z.optional(
        hostLayersJson.check(
          says('What else makes dedicated CPUs quieter, each off unless it is named; see docs/quiet-host.md'),
        ),
      ),
    }),
  ),
  onArrival: z.optional(
    z
      .enum(['place', 'leave'])
      .check(
        says(
          "A VM that runs here without a placement, as after a migration: the agent gives it what is free, or, the default, only keeps it off others' CPUs",
        ),
      ),
  ),
  tags: z.optional(z.record(z.string().check(z.regex(/^[a-z0-9_][a-z0-9_+.-]*$/i)), guestPolicyJson)),
  guests: z.optional(z.record(z.string().check(z.regex(/^[1-9]\d{0,8}$/)), guestPolicyJson)),
  doctor: z.optional(z.strictObject({ ignore: z.optional(z.array(ignoreEntryJson)) })),
});

export type PolicyJson = z.output<typeof policyJson>;
