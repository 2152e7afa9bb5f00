// The systemd scope that a VM lives in, with the properties that Proxmox gives it.
import type { ConfigValues } from '#proxmox/start-values.ts';

/**
 * Arguments of `systemd-run` for `VMID.scope` in `qemu.slice` (qemu-server `vm_start_nolock`, pve-common `enter_systemd_scope`):
 * only the main process is killed, never by SIGKILL; weight and quota from `cpuunits` and `cpulimit`; no `Delegate=`, no `AllowedCPUs=`.
 */
export function makeScopeArguments(vmid: number, values: ConfigValues): readonly string[] {
  const limit = Number(values.get('cpulimit') ?? 0);
  const properties = [
    'KillMode=process',
    'SendSIGKILL=no',
    'TimeoutStopSec=30s',
    `CPUWeight=${values.get('cpuunits') ?? 100}`,
    ...(limit > 0 ? [`CPUQuota=${Math.round(limit * 100)}%`] : []),
    // The lab host has no targets of an ordinary boot that a unit could wait for.
    'DefaultDependencies=no',
  ];
  return [
    ...['--scope', '--quiet', `--unit=${vmid}`, '--slice=qemu.slice', `--description=Proxmox VE VM ${vmid}`],
    ...properties.flatMap(property => ['--property', property]),
  ];
}
