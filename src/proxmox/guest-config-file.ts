// What the readers of VM and container configs are given, and how they tell of lines that do not count.
import type { VmId } from '#domain/ids.ts';

export interface GuestConfigFile {
  readonly vmid: VmId;
  /** `/etc/pve/nodes/NODE/qemu-server/VMID.conf` or `…/lxc/VMID.conf`. */
  readonly configPath: string;
  /** SHA-1 of the file's bytes, in hex. */
  readonly digest: string;
  /** One character per byte. */
  readonly text: string;
}

const LONGEST_WARNING = 200;

/** `line 3: message`, safe to print whatever the file holds. */
export function encodeConfigWarning(line: number | null, message: string): string {
  const printable = message.replace(/\s+/g, ' ').replace(/[^\x20-\x7e]/g, '?');
  const short = printable.length > LONGEST_WARNING ? `${printable.slice(0, LONGEST_WARNING)}…` : printable;
  return line === null ? short : `line ${line}: ${short}`;
}
