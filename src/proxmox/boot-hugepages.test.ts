// Hugepages on the command line, as the kernel and as Proxmox read them.
import { describe, expect, it } from 'vitest';
import { readBootHugepages } from './boot-hugepages.ts';

describe('readBootHugepages()', () => {
  it.each([
    ['hugepagesz=1G hugepages=16', 1024, 16, 16],
    ['hugepagesz=1G hugepages=16', 2, 0, 0],
    ['hugepages=512', 2, 512, 512],
    ['hugepagesz=1G hugepages=16 hugepagesz=2M hugepages=512', 2, 512, 512],
    ['hugepagesz=1G hugepages=0:8,1:8', 1024, 16, 0],
    ['hugepages=0:100', 2, 100, 0],
    ['default_hugepagesz=1G hugepages=16', 1024, 16, 0],
    ['default_hugepagesz=1G hugepages=16', 2, 0, 16],
    ['hugepages=16 default_hugepagesz=1G', 1024, 16, 0],
    ['default_hugepagesz=1G hugepagesz=1G hugepages=16', 1024, 16, 16],
    ['hugepagesz=1048576K hugepages=4', 1024, 4, 0],
    ['hugepagesz=1g hugepages=4', 1024, 4, 0],
    ['hugepages=16 hugepages=32', 2, 32, 16],
    ['hugepages=0 hugepages=5', 2, 5, 0],
    ['hugepages=1x hugepages=5', 2, 5, 5],
    ['hugepages=x1 hugepages=5', 2, 5, 5],
    ['hugepages=1x', 2, 0, 0],
    ['default_hugepagesz=1G default_hugepagesz=2M hugepages=5', 2, 5, 5],
    ['default_hugepagesz=1GB hugepages=5', 2, 5, 5],
    ['hugepagesz=x1G hugepages=5', 2, 5, 5],
    ['xhugepagesz=1G hugepages=5', 2, 5, 5],
    ['xugepagesz=1G hugepages=5', 2, 5, 5],
    ['hugepagesz=64K hugepages=5', 0.0625, 5, 0],
    ['hugepagesz=512m  quiet hugepages=5', 512, 5, 0],
    ['hugepagesz=1G hugepagesz=2M hugepages=5', 1024, 0, 0],
    ['hugepagesz=2048K hugepages=5', 1024, 0, 0],
    ['xhugepages=16 hugepages', 2, 0, 0],
    ['hugepages=', 2, 0, 0],
    ['', 2, 0, 0],
  ])('%j, pages of %d MiB: the kernel makes %d, Proxmox leaves %d', (commandLine, pageMiB, asked, kept) => {
    expect(readBootHugepages(`${commandLine}\n`, pageMiB)).toEqual({ asked, kept });
  });
});
