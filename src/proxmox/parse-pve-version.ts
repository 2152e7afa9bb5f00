// Which Proxmox VE this is, and whether Berth was built for it.
import type { ProxmoxSupport } from '#domain/node-status.ts';

/** The module in which pve-manager says its own version. */
export const PVE_VERSION_PATH = '/usr/share/perl5/PVE/pvecfg.pm';

/** Major versions whose behaviour is known; see README. */
const SUPPORTED = [8, 9];

/**
 * From that module's `sub version`; a null text is a machine without it.
 */
export function parsePveVersion(text: string | null): {
  readonly version: string | null;
  readonly support: ProxmoxSupport;
} {
  if (text === null) return { version: null, support: 'none' };
  const version = /\bsub\s+version\s*\{\s*(?:return\s+)?['"]([\w.~+-]+)['"]/.exec(text)?.[1] ?? null;
  const major = Number(/^(\d+)\./.exec(version ?? '')?.[1]);
  return { version, support: SUPPORTED.includes(major) ? 'supported' : 'untried' };
}
