// Which VMs the cluster's own balancer may move to another node at any time (Proxmox VE 9.2 and later, pve-ha-manager).
import { type VmId, vmId } from '#domain/ids.ts';

/**
 * From `/etc/pve/ha/resources.cfg`, sections such as `vm: 100` with indented properties, and the line of `datacenter.cfg` that
 * switches the balancer on: `crs: ha=dynamic,ha-auto-rebalance=1`. Empty while it is off. A resource may take itself out: `auto-rebalance 0`.
 */
export function parseHaBalanced(resources: string, datacenter: string): ReadonlySet<VmId> {
  if (!/^crs:.*\bha-auto-rebalance=(1|on|yes|true)\b/im.test(datacenter)) return new Set();
  const sections = resources.split(/^(?=\S)/m).filter(section => !/^\s+auto-rebalance\s+0\s*$/m.test(section));
  return new Set(
    sections.flatMap(section => {
      const number = /^vm:\s*(\d+)\s*$/m.exec(section)?.[1];
      return number === undefined ? [] : [vmId(Number(number))];
    }),
  );
}
