// Values without names and secrets, key by key: every form that is kept, and those that come near.
import { describe, expect, it } from 'vitest';
import { Pseudonyms } from './pseudonyms.ts';
import { redactConfigValue } from './redact-config-value.ts';

const redact = (key: string, value: string): string => redactConfigValue(key, value, new Pseudonyms());

describe('redactConfigValue()', () => {
  it.each([
    ['arch', ['x86_64', 'aarch64', 'amd64', 'i386', 'arm64', 'armhf', 'riscv32', 'riscv64']],
    ['bios', ['seabios', 'ovmf']],
    ['hugepages', ['any', '2', '1024']],
    [
      'lock',
      [
        ...['backup', 'clone', 'create', 'destroyed', 'disk', 'fstrim', 'migrate', 'mounted', 'rollback', 'snapshot'],
        ...['snapshot-delete', 'suspended', 'suspending'],
      ],
    ],
    ['machine', ['pc', 'q35', 'virt', 'pc-i440fx', 'pc-q35', 'pc-i440fx-10.11', 'pc-q35-9.0+pve12', 'q35+pve0']],
    [
      'ostype',
      ['l24', 'l26', 'wxp', 'wvista', 'w2k', 'w2k8', 'w2k12', 'w7', 'w10', 'win8', 'win11', 'solaris', 'other'],
    ],
    ['scsihw', ['lsi', 'lsi53c810', 'virtio-scsi-pci', 'virtio-scsi-single', 'megasas', 'pvscsi']],
    ['snapstate', ['prepare', 'delete']],
  ])('keeps the words of %s, and nothing around them', (key, words) => {
    expect(words.map(word => redact(key, word))).toEqual(words);
    expect(words.flatMap(word => [redact(key, `x${word}`), redact(key, `${word}x`)])).toEqual(
      words.flatMap(() => ['redacted', 'redacted']),
    );
  });

  it.each([
    ['cpu', 'host'],
    ['cpu', 'cputype=EPYC-v4'],
    ['cpu', 'host,flags=+aes;-pcid'],
    ['cpu', 'host,hidden=1'],
    ['cpu', 'host,phys-bits=host'],
    ['cpu', 'host,phys-bits=46'],
    ['hostpci0', '01:00'],
    ['hostpci0', 'host=0000:81:00.7'],
    ['hostpci0', '81:0a.0,pcie=1,rombar=0,x-vga=1'],
    ['meta', 'creation-qemu=9.0.2,ctime=1712345678'],
    ['net12', 'virtio,queues=16'],
    ['net0', 'e1000'],
    ['net0', 'e1000e'],
    ['net0', 'rtl8139'],
    ['net0', 'vmxnet3'],
    ['numa0', 'cpus=0-3;5,memory=512.5,hostnodes=0;2-3,policy=bind'],
    ['numa0', '12,policy=preferred'],
    ['numa0', 'policy=interleave'],
    ['numa0', 'policy=strict'],
    ['numa0', 'policy=default'],
    ['vmgenid', '0'],
    ['vmgenid', '1'],
    ['delete', 'affinity,!numa'],
    ['cpulimit', '1.5'],
    ['numa', 'yes'],
    ['cores', '4'],
    ['affinity', '0-3'],
    ['memory', '4096'],
    ['hotplug', 'cpu;memory'],
  ])('keeps %s: %s', (key, value) => {
    expect(redact(key, value)).toBe(value);
  });

  it('tells mappings apart by their whole names', () => {
    const names = new Pseudonyms();
    const values = ['mapping=ga', 'mapping=gb', 'mapping=ga'].map(value => redactConfigValue('hostpci0', value, names));
    expect(values).toEqual(['mapping=mapping1', 'mapping=mapping2', 'mapping=mapping1']);
  });

  it.each([
    ['tags', 'a;b a', 'tag1;tag2;tag1'],
    ['vmgenid', '10', '00000000-0000-4000-8000-000000000001'],
    ['vmgenid', '01', '00000000-0000-4000-8000-000000000001'],
    ['smbios1', 'serial=x,uuid=y', 'uuid=00000000-0000-4000-8000-000000000001'],
    ['smbios1', 'xuuid=y', 'redacted'],
    ['smbios1', 'uuid=', 'redacted'],
    ['hookscript', 'local:snippets/pin.pl', 'local:snippets/file1'],
    ['hookscript', 'nas:snippets/pin.pl', 'storage1:snippets/file1'],
    ['hookscript', '/root/pin.pl', 'redacted'],
    ['hookscript', 'local:snippets/below/pin.pl', 'redacted'],
    ['hookscript', 'a:b:snippets/pin.pl', 'redacted'],
    ['hookscript', 'local:snippets/', 'redacted'],
    ['numa0', 'cpus=all,memory=4g,policy=mine', 'redacted,redacted,redacted'],
    ['numa0', 'xcpus=0,cpus=0x,12x,x12', 'redacted,redacted,redacted,redacted'],
    ['cpu', 'custom-mine', 'redacted'],
    ['cpu', 'cputype=custom-mine,hidden=1', 'hidden=1'],
    ['cpu', 'host,hv-vendor-id=mine,hidden=2,phys-bits=many,flags=aes', 'host'],
    ['cpu', 'host,xflags=+a,flags=+a b,reported-model=mine,phys-bits=46x', 'host'],
    ['hostpci0', 'mapping=gpu,pcie=1', 'mapping=mapping1,pcie=1'],
    ['hostpci0', 'pcie=1,mapping=gpu,romfile=mine', 'mapping=mapping1,pcie=1'],
    ['hostpci0', 'xmapping=gpu', 'redacted'],
    ['hostpci0', '0000:01:00.8,01:00.0x,x01:00,xpcie=1,pcie=11', 'redacted'],
    ['meta', 'creation-qemu=9.0.2-mine,ctime=x,xctime=1', 'redacted'],
    ['net0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0,queues=4', 'virtio,queues=4'],
    ['net0', 'model=e1000,macaddr=BC:24:11:00:00:01', 'redacted'],
    ['net0', 'model=virtio=BC:24:11:00:00:01', 'virtio'],
    ['net0', 'VirtIO=BC:24:11:00:00:01', 'redacted'],
    ['net0', 'mine=BC:24:11:00:00:01,xvirtio,virtiox,xqueues=1,queues=1x', 'redacted'],
    ['scsi0', 'store:vm-100-disk-0,iothread=1,serial=A', 'redacted,iothread=1'],
    ['virtio3', 'store:1,media=disk', 'redacted,media=disk'],
    ['sata0', 'store:1,media=disk', 'redacted,media=disk'],
    ['net0', 'virtio,mapping=mine', 'virtio'],
    ['delete', 'affin!ity', 'redacted'],
    ['ide2', 'store:1,media=cdrom,iothread=2', 'redacted,media=cdrom'],
    ['sata1', 'store:1,xmedia=disk,media=diskx,xiothread=1,iothread=11', 'redacted'],
    ['delete', 'mine,affinity; numa0', 'affinity,numa0'],
    ['delete', 'mine', 'redacted'],
    ['cores', 'many', 'redacted'],
    ['numa', 'maybe', 'redacted'],
    ['cpulimit', 'much', 'redacted'],
    ['affinity', '3-x', 'redacted'],
    ['memory', '8g', 'redacted'],
    ['hotplug', 'mine', 'redacted'],
    ['name', 'customer', 'redacted'],
    ['description', 'customer', 'redacted'],
    ['sshkeys', 'ssh-ed25519', 'redacted'],
    ['xnuma0', 'cpus=0', 'redacted'],
    ['numa0x', 'cpus=0', 'redacted'],
    ['efidisk0', 'store:1,iothread=1', 'redacted'],
  ])('turns %s: %s into %s', (key, value, expected) => {
    expect(redact(key, value)).toBe(expected);
  });
});
