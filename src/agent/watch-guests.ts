// Notices that a VM starts: QEMU writes its pid file right before Proxmox's start task ends.
import { type FSWatcher, mkdirSync, watch } from 'node:fs';

const DIRECTORY = '/run/qemu-server';

/** Calls back for every pid file that appears or changes. Returns how to stop. */
export function watchGuests(changed: () => void): () => void {
  // Proxmox makes it at boot; an agent that is started before is no reason to miss the first guest.
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 });
  const watcher: FSWatcher = watch(DIRECTORY, (_event, name) => {
    if (name?.endsWith('.pid')) changed();
  });
  // Without events there is still the period.
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
}
