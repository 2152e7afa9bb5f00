// Which versions of a node Berth was not built for or tried with.
import type { UntriedVersion } from '#domain/untried-version.ts';
import { parsePveVersion } from './parse-pve-version.ts';

/** The oldest kernel on which the lab runs its scenarios. */
const FIRST_KERNEL = [6, 1] as const;
/** The newest major version that has run one. */
const LAST_MAJOR = 7;

export interface NodeVersionTexts {
  /** Of `PVE_VERSION_PATH`; null: no Proxmox VE here. */
  readonly pve: string | null;
  /** `/proc/sys/kernel/osrelease`, such as `6.8.12-4-pve`; null in a capture. */
  readonly kernel: string | null;
}

/** Empty where nothing need be said. */
export function listUntried({ pve, kernel }: NodeVersionTexts): readonly UntriedVersion[] {
  const { version, support } = parsePveVersion(pve);
  return [
    ...(support === 'untried' ? [{ what: 'proxmox', version } as const] : []),
    ...(kernel === null || isTriedKernel(kernel) ? [] : [{ what: 'kernel', version: kernel.trim() || null } as const]),
  ];
}

function isTriedKernel(release: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release)?.map(Number) ?? [];
  if (major === undefined || minor === undefined || major > LAST_MAJOR) return false;
  const [firstMajor, firstMinor] = FIRST_KERNEL;
  return major > firstMajor || (major === firstMajor && minor >= firstMinor);
}
