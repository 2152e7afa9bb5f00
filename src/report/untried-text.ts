// What is said of a version that Berth was not built for.
import type { UntriedVersion } from '#domain/untried-version.ts';
import { printable } from './printable.ts';

/** One line. */
export function renderUntried({ what, version }: UntriedVersion): string {
  const named = version === null ? 'of an unknown version' : printable(version);
  return what === 'proxmox'
    ? `Proxmox VE ${named} is not one that Berth was built for (8 and 9): placements are kept as they are recorded; look twice at every plan`
    : `Kernel ${named} is not one that Berth was tried with (6.1 to 7): every step is read back, and what cannot be had is said; look twice at every plan, and at \`berth verify\` after it`;
}
