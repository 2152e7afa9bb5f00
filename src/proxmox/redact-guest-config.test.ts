// Tests of configs without names and secrets: line by line what stays.
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { Pseudonyms } from './pseudonyms.ts';
import { redactGuestConfig } from './redact-guest-config.ts';

const redact = (text: string, kind: 'vm' | 'container' = 'vm'): string =>
  redactGuestConfig(text, { kind, vmid: vmId(100), names: new Pseudonyms() });

describe('redactGuestConfig() of a VM', () => {
  it.each([
    'cores: 4',
    'affinity: 0-3,8',
    'affinity0: 1',
    'numa0: cpus=0-1,memory=1024,hostnodes=0,policy=bind',
    'memory: current=8192',
    'hotplug: network,cpu',
    'hugepages: 1024',
    'machine: pc-q35-9.0+pve1',
    'ostype: win11',
    'scsihw: virtio-scsi-single',
    'cpu: host,flags=+aes;-pcid',
    'hostpci0: 0000:81:00.0,pcie=1',
    'meta: creation-qemu=9.0.2,ctime=1712345678',
    'lock: backup',
    'vmgenid: 1',
    '[PENDING]',
    '[special:cloudinit]',
    'delete: affinity,!numa',
    '[pending]',
    '[special:fleecing]',
    '[pve:pending]',
    'cpuaffinity: 0-3',
    'cpu-affinity0: 0-3',
    'cpupin: 1',
    'cpu-pin: 1',
    'cpu-pinning2: 1',
    'vcpu-pin0: 1',
    'vcpuaffinity: 1',
    'affinity12: 1,2-3',
    'taskset: 0-7',
    'snapstate: delete',
    'allow-ksm: 1',
    '',
  ])('keeps %j', line => {
    expect(redact(line)).toBe(line);
  });

  it.each([
    ['name: customer', 'name: guest-100'],
    ['name: not a name', 'name: _'],
    ['tags: gold;x', 'tags: tag1;tag2'],
    ['#note', '#redacted'],
    ['description: note', 'description: redacted'],
    ['args: -x', 'args: redacted'],
    ['cipassword: x', 'cipassword: redacted'],
    ['net0: virtio=BC:24:11:00:00:01,bridge=vmbr0,queues=4', 'net0: virtio,queues=4'],
    ['net0: e1000,bridge=vmbr0', 'net0: e1000'],
    ['scsi0: store:vm-100-disk-0,iothread=1,serial=A', 'scsi0: redacted,iothread=1'],
    ['scsihw: mine', 'scsihw: redacted'],
    [
      'smbios1: uuid=5b0c2f4e-9d55-4a70-8a25-000000000100,serial=A',
      'smbios1: uuid=00000000-0000-4000-8000-000000000001',
    ],
    ['smbios1: serial=A', 'smbios1: redacted'],
    ['hostpci0: mapping=gpu-of-x,pcie=1', 'hostpci0: mapping=mapping1,pcie=1'],
    ['cpu: custom-mine', 'cpu: redacted'],
    ['machine: mine', 'machine: redacted'],
    ['cores: many', 'cores: redacted'],
    ['affinity: 3-x', 'affinity: redacted'],
    ['affinity0: x', 'redacted: redacted'],
    ['unheard: of', 'redacted: redacted'],
    ['rubbish', 'redacted'],
    [' cores: 2', 'redacted'],
    ['[before-upgrade]', '[snapshot1]'],
    ['[odd one]', '[0]'],
    ['delete: mine,affinity', 'delete: affinity'],
    ['delete: mine', 'delete: redacted'],
    ['lxc.mount.entry: x', 'redacted'],
    ['swap: 1', 'redacted: redacted'],
    ['xaffinity0: 1', 'redacted: redacted'],
    ['affinity0x: 1', 'redacted'],
    ['cpu-affinity0: 1x', 'redacted: redacted'],
    ['cpu-affinity0: x1', 'redacted: redacted'],
    ['tasksets: 1', 'redacted: redacted'],
    ['mytaskset: 1', 'redacted: redacted'],
    ['cores:2', 'cores: 2'],
    ['cores: 2 \r', 'cores: 2'],
    ['hostname: x', 'hostname: guest-100'],
    ['name: a b', 'name: _'],
    ['name: ?', 'name: _'],
    ['#', '#redacted'],
    [' \t', ''],
    ['[snap] ', '[snapshot1]'],
    ['[x', 'redacted'],
    ['x[y]', 'redacted'],
    ['[snap]x', 'redacted'],
    ['[xPENDING]', '[snapshot1]'],
    ['[special:cloudinitx]', '[0]'],
    ['[xspecial:cloudinit]', '[0]'],
    ['[9lives]', '[0]'],
    ['[a]', '[0]'],
    ['[ab!]', '[0]'],
    ['[]', '[0]'],
    ['cores:', 'redacted'],
  ])('turns %j into %j', (line, expected) => {
    expect(redact(line)).toBe(expected);
  });

  it('gives the same name the same substitute', () => {
    expect(redact('tags: b;a;b\n[be]\n[be]\n')).toBe('tags: tag1;tag2;tag1\n[snapshot1]\n[snapshot1]\n');
  });
});

describe('redactGuestConfig() of a container', () => {
  it.each([
    ['cores: 2', 'cores: 2'],
    ['swap: 512', 'swap: 512'],
    ['swap: mine', 'swap: redacted'],
    ['cmode: shell', 'redacted: redacted'],
    ['hostname: mine', 'hostname: guest-100'],
    ['rootfs: store:100', 'redacted: redacted'],
    ['lxc.cgroup2.cpuset.cpus: 0-3', 'lxc.cgroup2.cpuset.cpus: 0-3'],
    ['lxc.cgroup2.cpuset.cpus = 0-3', 'lxc.cgroup2.cpuset.cpus: 0-3'],
    ['lxc.cgroup2.cpuset.cpus: mine', 'lxc.cgroup2.cpuset.cpus: redacted'],
    ['lxc.mount.entry: mine', 'lxc.redacted: redacted'],
    ['[pve:pending]', '[pve:pending]'],
    ['key-with-dash: 1', 'redacted'],
    ['console: 1', 'console: 1'],
    ['cpulimit: 1.5', 'cpulimit: 1.5'],
    ['cpuunits: 100', 'cpuunits: 100'],
    ['debug: 0', 'debug: 0'],
    ['tty: 2', 'tty: 2'],
    ['unprivileged: 1', 'unprivileged: 1'],
    ['swap: x1', 'swap: redacted'],
    ['swap: 1x', 'swap: redacted'],
    ['lxc.cgroup2.cpuset.cpus:', 'lxc.cgroup2.cpuset.cpus: '],
    ['lxc.cgroup2.cpuset.cpus:  0-3 \r', 'lxc.cgroup2.cpuset.cpus: 0-3'],
    ['lxc.cgroup2.cpuset.cpus \t\v= 0', 'lxc.cgroup2.cpuset.cpus: 0'],
    ['cpulimit: much', 'cpulimit: redacted'],
    ['lxc.cgroup2.cpuset.cpus\t=0', 'lxc.cgroup2.cpuset.cpus: 0'],
    ['xlxc.cgroup2.cpuset.cpus: 0', 'redacted'],
    ['lxc.cgroup2.cpuset.cpus 0', 'redacted'],
  ])('turns %j into %j', (line, expected) => {
    expect(redact(line, 'container')).toBe(expected);
  });
});
