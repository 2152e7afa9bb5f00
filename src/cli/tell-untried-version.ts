// Says that this Proxmox VE is not one that Berth was built for, before anything is decided for it.
import { PVE_VERSION_PATH, parsePveVersion } from '#proxmox/parse-pve-version.ts';
import { renderUntriedVersion } from '#report/agent-text.ts';
import type { CommandContext } from './command-context.ts';

/** Silent on the versions that are known, and where there is no Proxmox VE. */
export function tellUntriedVersion({ host, tell }: Pick<CommandContext, 'host' | 'tell'>): void {
  const { version, support } = parsePveVersion(host.read(PVE_VERSION_PATH));
  if (support === 'untried') tell(`${renderUntriedVersion(version)}\n`);
}
