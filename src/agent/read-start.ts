// Reads what a start of one VM depends on, right before it: its config wherever it is, its placement here, CPUs and memory of the node.
import { isSameGuest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { readHaTexts } from '#host/read-ha-texts.ts';
import { readPlacement } from '#host/read-placement.ts';
import { isHaManaged } from '#proxmox/ha-rules.ts';
import { parseNodeMemory } from '#topology/parse-node-memory.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import type { StartInput } from '#verify/check-start.ts';
import { readVmConfig } from './read-vm-config.ts';

export interface GuestStart extends StartInput {
  /** By the manager of high availability, or for a backup: not for us to stop, whatever is wrong. */
  readonly isByOthers: boolean;
}

/** Null when this guest is not placed here: then nothing is promised. */
export function readStart(host: Host, node: string, vmid: VmId): GuestStart | null {
  const placed = readPlacement(host, node)?.guests.find(guest => guest.vmid === vmid && guest.kind === 'vm');
  const config = readVmConfig(host, vmid, node);
  if (placed === undefined || config === null || !isSameGuest(config.identity, placed.identity)) return null;
  const topology = parseTopology(host);
  return {
    guest: { ...config, runtime: null },
    placed,
    topology,
    memory: parseNodeMemory(host, topology).memory,
    // A backup of a stopped VM starts it, paused, for as long as it lasts; its config is locked already.
    isByOthers: config.lock === 'backup' || isHaManaged(`vm:${vmid}`, readHaTexts(host)),
  };
}
