// What every kind of step can do: say whether it is done already, and do it. Putting it back is the same step the other way round.
import { assertNever } from '#domain/errors.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { applyBoot, bootState } from './boot-step.ts';
import { applyCpuset, cpusetState } from './cpuset-step.ts';
import { applyFile, fileState } from './file-step.ts';
import { applyInterrupts, interruptsState } from './interrupts-step.ts';
import { applyLayer, layerState } from './layer-step.ts';
import { applyMemory, type MemoryMoving, memoryState, QUIET_MOVING } from './memory-step.ts';
import { applyPartition, partitionState } from './partition-step.ts';
import { applyQm, qmState } from './qm-step.ts';
import { applyThreads, threadsState } from './threads-step.ts';
import { applyUnit, unitState } from './unit-step.ts';

export interface StepContext {
  readonly host: Host;
  /** Proxmox's own command; null on a captured tree and where Proxmox is not installed. */
  readonly qm: string | null;
  /** How memory is moved; absent: without a word, at the usual rate. */
  readonly moving?: MemoryMoving;
}

/**
 * before: nothing was done. after: all was done. mixed: some of it was. gone: the guest, or the process, that it was about is there no more.
 * `foreign`: somebody else has changed the same thing since.
 */
export type Progress = 'before' | 'after' | 'mixed' | 'gone' | { readonly foreign: string };

export async function stepProgress(record: StepRecord, context: StepContext): Promise<Progress> {
  switch (record.kind) {
    case 'file':
      return fileState(record, context.host);
    case 'qm':
      return qmState(record, context.host);
    case 'threads':
      return threadsState(record, context.host);
    case 'partition':
      return partitionState(record, context.host);
    case 'boot':
      return bootState(record, context.host);
    case 'unit':
      return unitState(record, context.host);
    case 'cpuset':
      return cpusetState(record, context.host);
    case 'memory':
      return memoryState(record, context.host);
    case 'interrupts':
      return interruptsState(record, context.host);
    case 'layer':
      return layerState(record, context.host);
    default:
      return assertNever(record);
  }
}

/** Does the step and reads back that it is done; the record, with what came of it. @throws HostError when it is not. */
export async function applyStep(record: StepRecord, context: StepContext): Promise<StepRecord> {
  switch (record.kind) {
    case 'file':
      applyFile(record, context.host);
      break;
    case 'qm':
      await applyQm(record, context);
      break;
    case 'threads':
      applyThreads(record, context.host);
      break;
    case 'partition':
      await applyPartition(record, context.host);
      break;
    case 'boot':
      await applyBoot(record, context.host);
      break;
    case 'unit':
      applyUnit(record, context.host);
      break;
    case 'cpuset':
      applyCpuset(record, context.host);
      break;
    case 'memory':
      return applyMemory(record, context.host, context.moving ?? QUIET_MOVING);
    case 'interrupts':
      return applyInterrupts(record, context.host);
    case 'layer':
      return applyLayer(record, context.host);
    default:
      return assertNever(record);
  }
  return record;
}

/** The step that puts everything back. */
export function inverseOf(record: StepRecord): StepRecord {
  const turned = <Pair extends { before: unknown; after: unknown }>(pair: Pair): Pair => ({
    ...pair,
    before: pair.after,
    after: pair.before,
  });
  switch (record.kind) {
    case 'file': {
      const config = record.config && { ...record.config, edits: record.config.edits.map(turned) };
      return { ...turned(record), config };
    }
    case 'qm':
      return { ...record, edits: record.edits.map(turned) };
    case 'threads':
      return { ...record, threads: record.threads.map(turned) };
    case 'partition':
    case 'unit':
      return turned(record);
    case 'boot':
      return { ...turned(record), words: turned(record.words) };
    case 'cpuset':
      return { ...record, files: record.files.map(turned) };
    case 'memory':
      return { ...record, mappings: record.mappings.map(turned), outcome: null };
    case 'interrupts':
      return {
        ...{ ...record, stayed: [] },
        vectors: record.vectors.map(turned),
        forNew: record.forNew && turned(record.forNew),
      };
    case 'layer':
      return { ...record, settings: record.settings.map(turned).reverse(), stayed: [] };
    default:
      return assertNever(record);
  }
}

/** What a step touches, in words: two steps with the same words touch the same thing. */
export function describeTarget(record: StepRecord): string {
  switch (record.kind) {
    case 'file':
      return record.vmid === null ? record.path : `config of guest ${record.vmid}`;
    case 'qm':
      return `config of guest ${record.vmid}`;
    case 'threads':
      return `threads of VM ${record.vmid}`;
    case 'partition':
      return `partition of VM ${record.vmid}`;
    case 'boot':
      return 'kernel parameters';
    case 'unit':
      return `CPUs of ${record.unit}`;
    case 'cpuset':
      return `cpuset of container ${record.vmid}`;
    case 'memory':
      return `memory of VM ${record.vmid}`;
    case 'interrupts':
      return record.vmid === null ? 'interrupts of the host' : `interrupts of VM ${record.vmid}`;
    case 'layer':
      return `host layer ${record.layer}`;
    default:
      return assertNever(record);
  }
}
