// What makes Berth's hookscript the hookscript of a guest, or puts back the one that it had; that one is remembered for all nodes.
import type { VmGuest } from '#domain/guest.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Change } from '#domain/plan.ts';
import { HostError } from '#host/host-error.ts';
import { isSnippetVolume } from '#host/place-snippet.ts';
import { nextValue } from '#proxmox/placement-config.ts';
import { predictRewrite } from '#proxmox/predict-rewrite.ts';
import { type Storage, snippetFile } from '#proxmox/storages.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { prepareConfig } from './prepare-steps.ts';

/** In the cluster's file system: the guest may start on any node, and finds there what its own hookscript was. */
export const chainPath = (vmid: VmGuest['vmid']): string => `/etc/pve/berth/hooks/${vmid}`;

export interface HookInput {
  readonly action: 'install' | 'remove';
  /** `local:snippets/berth-hook.sh`; null removes it whatever storage holds it. */
  readonly volume: string | null;
  readonly storages: readonly Storage[];
  readonly qm: string | null;
}

export interface HookChange {
  readonly guest: VmGuest;
  readonly config: Extract<Change, { kind: 'config' }>;
  /** What the file at `chainPath` holds. */
  readonly chain: { readonly before: string | null; readonly after: string | null };
}

/**
 * Null for a guest of which it is so already; `remove` leaves another hookscript than ours alone.
 * @param before what the file at `chainPath` holds now
 * @throws HostError `refused` when its own hookscript is a file that we could not find again.
 */
export function makeHookChange(guest: VmGuest, before: string | null, input: HookInput): HookChange | null {
  const { action, volume, storages, qm } = input;
  const now = nextValue(guest, 'hookscript');
  if ((action === 'install') === isOurs(now, volume)) return null;
  const own = action === 'remove' ? remembered(before) : now;
  const chained = action === 'remove' || own === null ? null : encodeChain(own, guest, storages);
  const edit = { key: 'hookscript', before: now, after: action === 'install' ? volume : own };
  const rewrites = qm === null ? [] : predictRewrite(guest.text, VM_CONFIG_SCHEMA);
  return {
    guest,
    config: {
      ...{ kind: 'config', vmid: guest.vmid, guestKind: 'vm', path: guest.configPath, edits: [edit] },
      // Proxmox makes a new hookscript count at once, also for a VM that runs.
      section: guest.pending.has(edit.key) ? 'pending' : 'main',
      rewrites: rewrites.filter(({ before: line }) => !line.startsWith(`${edit.key}:`)),
    },
    chain: { before, after: chained },
  };
}

const isOurs = (hookscript: string | null, volume: string | null): boolean =>
  volume === null ? hookscript !== null && isSnippetVolume(hookscript) : hookscript === volume;

const remembered = (chain: string | null): string | null => /^volume: (.+)$/m.exec(chain ?? '')?.[1] ?? null;

/** The path beside the volume spares the hookscript the question to Proxmox, which takes half a second. */
function encodeChain(own: string, { vmid }: VmGuest, storages: readonly Storage[]): string {
  const file = snippetFile(own, storages);
  if (file !== null) return `volume: ${own}\npath: ${file}\n`;
  throw new HostError(
    'refused',
    `VM ${vmid} has the hookscript "${own}", and no storage of this cluster holds such a file: it could not be called any more. Nothing was changed`,
  );
}

/** The chain is there for as long as the config names us: should a later step fail, the guest's own script is still called. */
export function hookRecords({ guest, config, chain }: HookChange, { action, qm }: HookInput): readonly StepRecord[] {
  const chained: StepRecord = { kind: 'file', vmid: null, path: chainPath(guest.vmid), ...chain, config: null };
  const configured = prepareConfig(config, guest.text, qm);
  if (chain.before === chain.after) return [configured];
  return action === 'install' ? [chained, configured] : [configured, chained];
}
