// Says that this node has a Proxmox VE or a kernel that Berth was not built for, before anything is decided for it.
import type { MaybeUntried } from '#domain/untried-version.ts';
import type { Host } from '#host/host.ts';
import { PVE_VERSION_PATH } from '#proxmox/parse-pve-version.ts';
import { listUntried } from '#proxmox/untried-versions.ts';
import { renderUntried } from '#report/untried-text.ts';
import type { CommandContext } from './command-context.ts';

/** Silent on the versions that are known, and where there is no Proxmox VE. What it returns belongs into the JSON of the same command. */
export function tellUntried({ host, tell }: Pick<CommandContext, 'host' | 'tell'>): MaybeUntried {
  const found = readUntried(host);
  for (const one of found.untried ?? []) tell(`${renderUntried(one)}\n`);
  return found;
}

/** For JSON alone. */
export function readUntried(host: Host): MaybeUntried {
  const untried = listUntried({
    pve: host.read(PVE_VERSION_PATH),
    kernel: host.read('/proc/sys/kernel/osrelease'),
  });
  return untried.length === 0 ? {} : { untried };
}
