// Which page size Proxmox takes for a piece of guest memory when the VM uses hugepages.
import type { StartHost } from './start-host.ts';
import { StartRefusal } from './start-problem.ts';
import { perlNumber } from './start-values.ts';

const KEYS = ['hugepages'];

/**
 * The size in MiB for `size` MiB of memory (both as Proxmox prints them); `wanted` is the value of `hugepages`.
 * Like Proxmox it looks at whole MiB only, so that 4096.5 passes.
 * @throws StartRefusal when there is none.
 */
export function chooseHugepageSize(size: string, wanted: string, host: StartHost): string {
  const sizeMiB = Math.trunc(perlNumber(size));
  if (perlNumber(size) <= 0 || sizeMiB % 2 !== 0) {
    const says = `memory size '${size}' is not a positive even integer; cannot use for hugepages`;
    throw new StartRefusal('hugepages-odd-size', KEYS, says);
  }
  const supports = (pageMiB: number) => host.hugepageSizesKiB.has(pageMiB * 1024);
  const refuse = (says: string) => new StartRefusal('hugepages-unsupported', KEYS, says);
  if (!supports(2) && !supports(1024)) throw refuse("your system doesn't support hugepages");
  if (wanted === 'any') {
    if (supports(1024) && sizeMiB % 1024 === 0) return '1024';
    if (supports(2)) return '2';
    throw refuse(`host only supports 1024 GB hugepages, but requested size '${size}' is not a multiple of 1024 MB`);
  }
  const pageMiB = perlNumber(wanted);
  if (!supports(pageMiB)) throw refuse(`your system doesn't support hugepages of ${wanted} MB`);
  if (sizeMiB % Math.trunc(pageMiB) !== 0) {
    const says = `Memory size ${size} is not a multiple of the requested hugepages size ${wanted}`;
    throw new StartRefusal('hugepages-not-multiple', KEYS, says);
  }
  return wanted;
}

/** Where Proxmox mounts the pages of a size. */
export function hugepagePath(pageSize: string): string {
  return `/run/hugepages/kvm/${perlNumber(pageSize) * 1024}kB`;
}
