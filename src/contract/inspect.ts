// `berth/inspect/1`: the host as it is, with its guests.
import * as z from 'zod/mini';
import type { Guest } from '#domain/guest.ts';
import type { Inventory } from '#domain/inventory.ts';
import { placementJson } from './placement.ts';
import { topologyJson } from './topology.ts';
import { cpuSetJson, mapByIdJson, nodeIdJson, unknownJson, vmIdJson, wholeNumber } from './values.ts';

const threadJson = z.strictObject({
  tid: wholeNumber,
  role: z.enum(['vcpu', 'iothread', 'emulator']),
  /** vCPU number or iothread id; null for emulator threads. */
  id: z.nullable(z.string()),
  name: z.string(),
  allowed: cpuSetJson,
  lastCpu: wholeNumber,
});

const guestJson = z.strictObject({
  vmid: vmIdJson,
  kind: z.enum(['vm', 'container']),
  name: z.nullable(z.string()),
  tags: z.array(z.string()),
  running: z.boolean(),
  /** VMs: sockets × cores. Containers: `cores`, null without a limit. */
  vcpus: z.nullable(wholeNumber),
  memoryMiB: wholeNumber,
  /** `affinity`, or a container's `lxc.cgroup2.cpuset.cpus`; null when unset or ignored by Proxmox. */
  affinity: z.nullable(cpuSetJson),
  digest: z.string(),
  pid: z.nullable(wholeNumber),
  threads: z.array(threadJson),
  /** Containers that run: the cpuset that the kernel uses. */
  effective: z.nullable(cpuSetJson),
  residentMiB: z.nullable(mapByIdJson(wholeNumber)),
});

const pciDeviceJson = z.strictObject({
  address: z.string(),
  /** Base class, subclass and programming interface, six hex digits. */
  class: z.string(),
  vendor: z.string(),
  device: z.string(),
  driver: z.nullable(z.string()),
  node: z.nullable(nodeIdJson),
  localCpus: z.nullable(cpuSetJson),
});

export const inspectJson = z.strictObject({
  schema: z.literal('berth/inspect/1'),
  node: z.string(),
  simulated: z.boolean(),
  topology: topologyJson,
  memory: z.array(
    z.strictObject({
      node: nodeIdJson,
      totalMiB: wholeNumber,
      freeMiB: wholeNumber,
      availableMiB: wholeNumber,
      hugepages: mapByIdJson(z.strictObject({ total: wholeNumber, free: wholeNumber })),
    }),
  ),
  guests: z.array(guestJson),
  /** Ceph daemons that run, and ZFS pools: they need CPUs of the host's own. */
  storage: z.exactOptional(z.strictObject({ cephDaemons: wholeNumber, zfsPools: wholeNumber })),
  /** What its physical network links can carry together, Mbit/s. */
  networkMbit: z.exactOptional(wholeNumber),
  /** Whether the kernel can keep everybody else off the CPUs of a guest's vCPU threads. */
  partitions: z.exactOptional(z.enum(['trusted', 'no-cgroup2', 'no-remote-partitions', 'old-kernel'])),
  pciDevices: z.exactOptional(z.array(pciDeviceJson)),
  placement: z.nullable(placementJson),
  unknown: z.array(unknownJson),
});

/** What is printed about one guest. */
function makeGuestView(guest: Guest): z.output<typeof guestJson> {
  const shared = {
    vmid: guest.vmid,
    kind: guest.kind,
    name: guest.name,
    tags: [...guest.tags],
    running: guest.runtime !== null,
    memoryMiB: guest.memoryMiB,
    digest: guest.digest,
  };
  if (guest.kind === 'container') {
    const effective = guest.runtime?.effective ?? null;
    const none = { pid: null, threads: [], residentMiB: null };
    return { ...shared, ...none, vcpus: guest.cores, affinity: guest.cpuset, effective };
  }
  const { runtime } = guest;
  return {
    ...shared,
    vcpus: guest.vcpus,
    affinity: guest.affinity,
    effective: null,
    pid: runtime?.pid ?? null,
    residentMiB: runtime?.residentMiB ?? null,
    threads: (runtime?.threads ?? []).map(({ tid, role, name, allowed, lastCpu }) => ({
      tid,
      role: role.kind,
      id: role.kind === 'vcpu' ? `${role.index}` : role.kind === 'iothread' ? role.id : null,
      name,
      allowed,
      lastCpu,
    })),
  };
}

/** Without what only some policies ask for: units of systemd, interrupts, settings of the kernel, what Proxmox's configs may hold. */
export function encodeInspect(all: Inventory): unknown {
  const { pciDevices, units: _units, unitWishes: _unitWishes, confine: _confine, ...most } = all;
  const { interrupts: _interrupts, layers: _layers, ksmKey: _ksmKey, ...inventory } = most;
  return z.encode(inspectJson, {
    schema: 'berth/inspect/1',
    ...inventory,
    memory: [...inventory.memory],
    unknown: [...inventory.unknown],
    ...(pciDevices && { pciDevices: [...pciDevices] }),
    guests: inventory.guests.map(makeGuestView),
  });
}
