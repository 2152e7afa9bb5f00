// The steps that make Berth's hookscript the hookscript of a guest, or put back the one that it had; that one is remembered for all nodes.
import type { VmGuest } from '#domain/guest.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { ConfigEdit } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import { nextValue } from '#proxmox/placement-config.ts';
import { predictRewrite } from '#proxmox/predict-rewrite.ts';
import { type Storage, snippetFile } from '#proxmox/storages.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { prepareConfig } from './prepare-steps.ts';

/** In the cluster's file system: the guest may start on any node, and finds there what its own hookscript was. */
export const chainPath = (vmid: VmGuest['vmid']): string => `/etc/pve/berth/hooks/${vmid}`;

export interface HookInput {
  /** `local:snippets/berth-hook.sh`. */
  readonly volume: string;
  readonly storages: readonly Storage[];
  /** What the file at `chainPath` holds now. */
  readonly readChain: (vmid: VmGuest['vmid']) => string | null;
  readonly qm: string | null;
}

/**
 * None for a guest that has it already. The chain is written before the config names us: should a later step fail, nothing is lost.
 * @throws HostError `refused` when its own hookscript is a file that we could not find again.
 */
export function hookRecords(guest: VmGuest, input: HookInput): readonly StepRecord[] {
  const { volume, storages, readChain, qm } = input;
  const own = nextValue(guest, 'hookscript');
  if (own === volume) return [];
  const before = readChain(guest.vmid);
  const after = own === null ? null : encodeChain(own, guest, storages);
  const edit = { key: 'hookscript', before: own, after: volume };
  return [...chainRecord(guest, before, after), configRecord(guest, edit, qm)];
}

/** None for a guest with another hookscript than ours. The config comes first: until then the chain is needed. */
export function unhookRecords(guest: VmGuest, { volume, readChain, qm }: HookInput): readonly StepRecord[] {
  if (nextValue(guest, 'hookscript') !== volume) return [];
  const before = readChain(guest.vmid);
  const own = before === null ? null : (/^volume: (.+)$/m.exec(before)?.[1] ?? null);
  const edit = { key: 'hookscript', before: volume, after: own };
  return [configRecord(guest, edit, qm), ...chainRecord(guest, before, null)];
}

/** The path beside the volume spares the hookscript the question to Proxmox, which takes half a second. */
function encodeChain(own: string, { vmid }: VmGuest, storages: readonly Storage[]): string {
  const file = snippetFile(own, storages);
  if (file !== null) return `volume: ${own}\npath: ${file}\n`;
  throw new HostError(
    'refused',
    `VM ${vmid} has the hookscript "${own}", and no storage of this cluster holds such a file: it could not be called any more. Nothing was changed`,
  );
}

function chainRecord({ vmid }: VmGuest, before: string | null, after: string | null): readonly StepRecord[] {
  return before === after ? [] : [{ kind: 'file', vmid: null, path: chainPath(vmid), before, after, config: null }];
}

/** Proxmox makes a new hookscript count at once, also for a VM that runs. */
function configRecord(guest: VmGuest, edit: ConfigEdit, qm: string | null): StepRecord {
  const { vmid, configPath: path, text } = guest;
  const section = guest.pending.has(edit.key) ? ('pending' as const) : ('main' as const);
  const rewrites = qm === null ? [] : predictRewrite(text, VM_CONFIG_SCHEMA);
  return prepareConfig({ kind: 'config', vmid, guestKind: 'vm', path, edits: [edit], section, rewrites }, text, qm);
}
