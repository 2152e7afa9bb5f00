// What the start of a VM depends on, from this kernel's sysfs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseCpuList, parseNodeList } from '#domain/id-list.ts';
import type { StartHost } from '#proxmox/start-host.ts';

export function readStartHost(): StartHost {
  const read = (path: string) => readFileSync(path, 'latin1').trim();
  const sizes = '/sys/kernel/mm/hugepages';
  return {
    onlineCpus: parseCpuList(read('/sys/devices/system/cpu/online')),
    nodes: parseNodeList(read('/sys/devices/system/node/online')),
    memoryNodes: parseNodeList(read('/sys/devices/system/node/has_memory')),
    hugepageSizesKiB: new Set(
      existsSync(sizes) ? readdirSync(sizes).map(name => Number.parseInt(name.slice(10), 10)) : [],
    ),
    physicalAddressBits: 46,
  };
}
