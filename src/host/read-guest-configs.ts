// Reads the guest configs in one directory of the cluster file system.
import { createHash } from 'node:crypto';
import { vmId } from '#domain/ids.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import type { GuestConfigFile } from '#proxmox/guest-config-file.ts';

type ParseGuest<Guest> = (file: GuestConfigFile) => { readonly guest: Guest; readonly warnings: readonly string[] };

/** Guests ascending by VMID; what Proxmox would ignore in a config is in `unknown`. */
export function readGuestConfigs<Guest>(
  host: TextTree,
  directory: string,
  parse: ParseGuest<Guest>,
): { readonly guests: readonly Guest[]; readonly unknown: readonly Unknown[] } {
  const parsed = host
    .list(directory)
    .flatMap(name => /^([1-9]\d{2,8})\.conf$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap(id => {
      const configPath = `${directory}/${id}.conf`;
      const text = host.read(configPath);
      // Migrated or destroyed since the directory was listed.
      if (text === null) return [];
      return [{ configPath, ...parse({ vmid: vmId(id), configPath, digest: digestOf(text), text }) }];
    });
  return {
    guests: parsed.map(({ guest }) => guest),
    unknown: parsed.flatMap(({ configPath, warnings }) => warnings.map(reason => ({ path: configPath, reason }))),
  };
}

/** Proxmox's own `digest`: SHA-1 of the file's bytes, in hex. */
export const digestOf = (text: string): string => createHash('sha1').update(text, 'latin1').digest('hex');
