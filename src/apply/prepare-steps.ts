// From a plan to journal records: what is there now, read fresh, beside what the plan wants.
import type { GuestThread } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { StepRecord } from '#domain/journal.ts';
import { wantedMask } from '#domain/placement.ts';
import type { Change, Plan } from '#domain/plan.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { containerCpusetFiles } from '#host/read-container-runtime.ts';
import { readVmRuntime } from '#host/read-vm-runtime.ts';
import { editGuestConfigText } from '#proxmox/guest-config-text.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { preparePartition } from './partition-step.ts';
import { placementRecords } from './placement-records.ts';
import type { StepContext } from './steps.ts';

/**
 * The placement comes first: should a later step fail, the next plan knows what was meant, and what the operator had before.
 * Then the changes in the plan's order.
 */
export function prepareSteps(
  plan: Plan,
  inventory: Inventory,
  context: StepContext & { entryId: string },
): StepRecord[] {
  const firstPartition = plan.changes.find(change => change.kind === 'partition' && change.after !== null);
  return [
    ...placementRecords(plan.placement, inventory, context),
    ...plan.changes.map(change =>
      change.kind === 'partition'
        ? preparePartition(change, context.host, change === firstPartition)
        : prepareStep(change, inventory, context),
    ),
  ];
}

function prepareStep(
  change: Exclude<Change, { kind: 'partition' }>,
  inventory: Inventory,
  { host, qm }: StepContext,
): StepRecord {
  switch (change.kind) {
    case 'config':
      return prepareConfig(change, textOf(change.vmid, inventory), qm);
    case 'threads': {
      const { vmid, pid, startTime } = change;
      const threads = change.threads.map(({ tid, role, before, after }) => {
        return { tid, vcpu: role.kind === 'vcpu' ? role.index : null, before, after };
      });
      return { kind: 'threads', vmid, pid, startTime, threads };
    }
    case 'unit': {
      const { kind, unit, before, after } = change;
      return { kind, unit, before, after };
    }
    case 'cpuset':
      return prepareCpuset(change, host);
    case 'interrupts':
      return { ...change, stayed: [] };
    case 'layer': {
      const { kind, layer, settings } = change;
      return { kind, layer, settings, stayed: [] };
    }
  }
}

export const textOf = (vmid: VmId, { guests }: Inventory): string =>
  guests.find(guest => guest.vmid === vmid)?.text ?? '';

/** The step for a change of one guest's config, which has this text before the step. */
export function prepareConfig(
  change: Extract<Change, { kind: 'config' }>,
  text: string,
  qm: string | null,
): StepRecord {
  const { vmid, path, edits, section } = change;
  // Proxmox has no command for `lxc.` lines, nor for keys that it does not know.
  const byQm = change.guestKind === 'vm' && edits.every(({ key }) => VM_CONFIG_SCHEMA.valueKind(key) !== undefined);
  if (qm !== null && byQm) return { kind: 'qm', vmid, path, text, edits };
  const set = new Map(edits.flatMap(({ key, after }) => (after === null ? [] : [[key, after] as const])));
  const remove = edits.filter(({ after }) => after === null).map(({ key }) => key);
  const after = editGuestConfigText(text, { section, set, remove });
  return { kind: 'file', vmid, path, before: text, after, config: { section, edits } };
}

function prepareCpuset({ vmid, after }: Extract<Change, { kind: 'cpuset' }>, host: Host): StepRecord {
  const files = containerCpusetFiles(host, vmid).map(({ path, cpus }) => {
    return { path, before: `${cpus}\n`, after: `${encodeIdList(after)}\n` };
  });
  return { kind: 'cpuset', vmid, files };
}

/**
 * The threads of a VM right before they are pinned: those that started since the plan was made are pinned by their role too.
 * @throws HostError when it is another process by now.
 */
export async function refreshThreads(
  record: Extract<StepRecord, { kind: 'threads' }>,
  plan: Plan,
  host: Host,
): Promise<StepRecord> {
  const { vmid, pid, startTime } = record;
  const runtime = await readVmRuntime(host, vmid);
  const processes = runtime === null ? [] : [runtime, ...(runtime.helpers ?? [])];
  const process = processes.find(candidate => candidate.pid === pid && candidate.startTime === startTime);
  if (process === undefined) {
    throw new HostError('gone', `VM ${vmid} ended or was restarted since the plan was made; plan again`);
  }
  const placed = plan.placement.guests.find(guest => guest.vmid === vmid);
  const planned = new Map(record.threads.map(thread => [thread.tid, thread.after]));
  const fallback = record.threads.find(({ vcpu }) => vcpu === null)?.after;
  const after = ({ tid, role }: GuestThread): CpuSet | undefined =>
    planned.get(tid) ?? (placed ? wantedMask(placed, role) : fallback);
  const threads = process.threads.flatMap(thread => {
    const wanted = after(thread);
    const vcpu = thread.role.kind === 'vcpu' ? thread.role.index : null;
    const isNew = !planned.has(thread.tid);
    if (wanted === undefined || (isNew && placed?.class === 'shared') || (isNew && wanted.equals(thread.allowed)))
      return [];
    return [{ tid: thread.tid, vcpu, before: thread.allowed, after: wanted }];
  });
  return { ...record, threads };
}
