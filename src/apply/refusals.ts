// What is looked at before the first step, because every step would fail of it.
import type { StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { hasQuorum } from '#host/quorum.ts';
import { parseGuestConfigText, rawConfigValue } from '#proxmox/guest-config-text.ts';

/** @throws HostError `refused` on a node that has no quorum. */
export function refuseWithoutQuorum(host: Host): void {
  if (hasQuorum(host)) return;
  throw new HostError(
    'refused',
    'This node has no quorum, so /etc/pve takes no writes. Nothing was changed. See `pvecm status`',
  );
}

/** @throws HostError `busy` when one of the steps is about the config of a guest that Proxmox has locked. */
export function refuseLockedGuests(records: readonly StepRecord[], host: Host): void {
  for (const record of records) {
    if ((record.kind !== 'file' && record.kind !== 'qm') || record.vmid === null) continue;
    const lock = rawConfigValue(parseGuestConfigText(host.read(record.path) ?? ''), 'main', 'lock');
    if (lock === null) continue;
    throw new HostError(
      'busy',
      `Guest ${record.vmid} is locked (${lock}), so Proxmox refuses changes to it. Nothing was changed. Try again when that has ended`,
    );
  }
}
