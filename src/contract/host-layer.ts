// Host layers as policy and placement have them, and the settings that they change.
import * as z from 'zod/mini';
import { LAYERS, type LayerName, type SettingMove } from '#domain/host-layer.ts';

export const layerNameJson: z.ZodMiniType<LayerName, unknown> = z.enum(LAYERS);

/** Each is off unless it is named. */
export const hostLayersJson = z.strictObject({
  workqueues: z.exactOptional(
    z
      .enum(['move'])
      .check(z.describe('Work that the kernel puts off, writeback among it, is done by the CPUs that are left')),
  ),
  kernelThreads: z.exactOptional(
    z.enum(['move']).check(z.describe('Kernel threads that may be moved leave dedicated CPUs')),
  ),
  watchdog: z.exactOptional(z.enum(['move']).check(z.describe('The detector of lock-ups leaves dedicated CPUs'))),
  timers: z.exactOptional(z.enum(['stay']).check(z.describe('Timers of idle CPUs are not handed to busy ones'))),
  irqbalance: z.exactOptional(
    z.enum(['ban']).check(z.describe('irqbalance, where it runs, gives no interrupt to dedicated CPUs')),
  ),
  frequency: z.exactOptional(
    z
      .enum(['performance'])
      .check(z.describe('Governor and energy preference of dedicated CPUs while their guest runs')),
  ),
  idleStates: z.exactOptional(
    z.enum(['shallow']).check(z.describe('Dedicated CPUs sleep no deeper than C1 while their guest runs')),
  ),
  ksm: z.exactOptional(z.enum(['perNode']).check(z.describe('KSM merges only pages of one NUMA node'))),
  numaBalancing: z.exactOptional(
    z.enum(['off']).check(z.describe('The kernel does not unmap memory to see who uses it')),
  ),
  haltPollingUs: z.exactOptional(
    z
      .int()
      .check(
        z.minimum(0),
        z.maximum(10_000),
        z.describe('How long KVM waits for a halted vCPU before its CPU may sleep, in microseconds'),
      ),
  ),
  transparentHugepages: z.exactOptional(
    z.enum(['always', 'madvise', 'never']).check(z.describe('Who gets huge pages without asking for a pool')),
  ),
});

export const settingMoveJson: z.ZodMiniType<SettingMove, unknown> = z.strictObject({
  path: z.string(),
  before: z.string(),
  after: z.string(),
});
