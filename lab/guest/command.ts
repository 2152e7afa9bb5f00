// A VM's config → the QEMU command that Proxmox would make of it, as far as this product's questions go, for a host without KVM.
import { encodeMachineFlags, encodeMemoryArguments } from '#proxmox/memory-arguments.ts';
import { encodeSmpArguments } from '#proxmox/smp-arguments.ts';
import type { StartHost } from '#proxmox/start-host.ts';
import { type ConfigValues, isSet } from '#proxmox/start-values.ts';
import { makeVmMemory } from '#proxmox/vm-memory.ts';
import { makeVmVcpus } from '#proxmox/vm-vcpus.ts';

const RUN = '/var/run/qemu-server';

/**
 * `taskset` prefix from `affinity` (not for "0", which Perl takes for none), program, and the arguments in Proxmox's order
 * (qemu-server `config_to_command`). Left out are `-id`, which only Proxmox's build knows, qmeventd's socket, display, disks and network;
 * `kvm` is emulation here, because the lab is itself emulated.
 * @throws StartRefusal where Proxmox refuses.
 */
export function makeVmCommand(vmid: number, values: ConfigValues, host: StartHost): readonly string[] {
  const vcpus = makeVmVcpus(values, host);
  const memory = makeVmMemory(values, host);
  const affinity = values.get('affinity');
  return [
    ...(affinity !== undefined && isSet(values, 'affinity')
      ? ['/usr/bin/taskset', '--cpu-list', '--all-tasks', affinity]
      : []),
    'qemu-system-x86_64',
    ...['-name', `${values.get('name') ?? `vm${vmid}`},debug-threads=on`, '-no-shutdown'],
    ...['-chardev', `socket,id=qmp,path=${RUN}/${vmid}.qmp,server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'],
    ...['-pidfile', `${RUN}/${vmid}.pid`, '-daemonize'],
    ...encodeSmpArguments(vcpus),
    ...['-nodefaults', '-display', 'none'],
    ...encodeMemoryArguments(memory),
    ...listIothreads(values).flatMap(id => ['-object', `iothread,id=${id}`]),
    ...listSerials(values).flatMap(id => [
      ...['-chardev', `socket,id=${id},path=${RUN}/${vmid}.${id},server=on,wait=off`],
      ...['-device', `isa-serial,chardev=${id}`],
    ]),
    ...['-accel', 'tcg,thread=multi', '-machine', ['type=pc', ...encodeMachineFlags(memory)].join(',')],
    ...(values.get('args')?.split(/\s+/) ?? []),
  ];
}

/** Disks with `iothread=1` have a thread each; the lab's guests have no disks, but their threads. */
const listIothreads = (values: ConfigValues): readonly string[] =>
  [...values]
    .filter(([key, value]) => /^(scsi|virtio)\d+$/.test(key) && /(^|,)iothread=1(,|$)/.test(value))
    .map(([key]) => (key.startsWith('scsi') ? `iothread-virtioscsi${key.slice(4)}` : `iothread-${key}`));

const listSerials = (values: ConfigValues): readonly string[] =>
  [...values].filter(([key, value]) => /^serial[0-3]$/.test(key) && value === 'socket').map(([key]) => key);
