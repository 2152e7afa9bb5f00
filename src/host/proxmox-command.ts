// Finds Proxmox's own command-line tools, which are the way to change a config on a real node.
import { findProgram } from './find-program.ts';
import type { Host } from './host.ts';

/** The path of `qm`; null on a captured tree, whose guests this machine's `qm` does not know, and where Proxmox is not installed. */
export const findQm = (host: Host): string | null => (host.simulated ? null : findProgram('qm'));

/** The same for `pct`. */
export const findPct = (host: Host): string | null => (host.simulated ? null : findProgram('pct'));
