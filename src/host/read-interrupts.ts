// Reads which CPUs serve the interrupts of devices: those of the host, and those of the devices that a VM was given.
import type { VmGuest } from '#domain/guest.ts';
import { encodeIdList, parseCpuList, parseCpuMask } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { HostInterrupts, InterruptVector } from '#domain/interrupt.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { passthroughDevices } from '#proxmox/passthrough-devices.ts';
import { parseInterruptNames } from '#topology/parse-interrupts.ts';
import { PCI_ROOT } from '#topology/parse-pci-devices.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readParsed } from './read-parsed.ts';

const interruptCpusPath = (irq: number): string => `/proc/irq/${irq}/smp_affinity_list`;
export const FOR_NEW_PATH = '/proc/irq/default_smp_affinity';

/** Vectors that have refused other CPUs since the host was started, a line `27 nvme0q1` each. Most kernels tell in no other way. */
const FIXED_PATH = '/run/berth/fixed-interrupts';

/** Those that no driver listens to are nobody's. Without those of VMs. */
export function readHostInterrupts(host: TextTree, vms: readonly VmGuest[]): HostInterrupts {
  const names = readInterruptNames(host);
  const others = new Set(vms.flatMap(({ runtime }) => runtime?.interrupts?.map(({ irq }) => irq) ?? []));
  const irqs = [...names.keys()].filter(irq => !others.has(irq));
  return {
    vectors: readVectors(host, irqs, names),
    forNew: readForNewInterrupts(host),
  };
}

export const readForNewInterrupts = (host: TextTree): CpuSet =>
  readParsed(host, FOR_NEW_PATH, parseCpuMask) ?? cpuSet();

export const readInterruptNames = (host: TextTree): ReadonlyMap<number, string> =>
  readParsed(host, '/proc/interrupts', parseInterruptNames) ?? new Map();

/** Null for a process without devices of the host. */
export function readPassthroughInterrupts(host: TextTree, pid: number): readonly InterruptVector[] | null {
  const devices = readPassthroughDevices(host, pid);
  if (devices.length === 0) return null;
  return readVectors(host, listDeviceInterrupts(host, devices), readInterruptNames(host));
}

export const readPassthroughDevices = (host: TextTree, pid: number): readonly string[] =>
  passthroughDevices((host.read(`/proc/${pid}/cmdline`) ?? '').split('\0'));

/** Ascending. They come when the guest's driver asks for them, and go with it. */
export function listDeviceInterrupts(host: TextTree, devices: readonly string[]): readonly number[] {
  return devices.flatMap(address => host.list(`${PCI_ROOT}/${address}/msi_irqs`).map(Number)).sort((a, b) => a - b);
}

/** Null for an interrupt that is gone. */
export const readInterruptCpus = (host: TextTree, irq: number): CpuSet | null =>
  readParsed(host, interruptCpusPath(irq), parseCpuList);

function readVectors(
  host: TextTree,
  irqs: readonly number[],
  names: ReadonlyMap<number, string>,
): readonly InterruptVector[] {
  const fixed = new Set((host.read(FIXED_PATH) ?? '').split('\n'));
  return irqs.flatMap(irq => {
    const cpus = readInterruptCpus(host, irq);
    const name = names.get(irq) ?? '';
    return cpus === null ? [] : [{ irq, name, cpus, fixed: fixed.has(`${irq} ${name}`) }];
  });
}

/** So that the next plan does not ask for them again. */
export function noteFixedInterrupts(host: Host, vectors: ReadonlyArray<Pick<InterruptVector, 'irq' | 'name'>>): void {
  const lines = new Set((host.read(FIXED_PATH) ?? '').split('\n').filter(Boolean));
  for (const { irq, name } of vectors) lines.add(`${irq} ${name}`);
  if (vectors.length > 0) host.replaceFile(FIXED_PATH, [...lines].map(line => `${line}\n`).join(''));
}

/** @throws HostError `denied` for a vector that the kernel places itself, `full` when these CPUs serve as many as they can. */
export function moveInterrupt(host: Host, irq: number, cpus: CpuSet): void {
  const path = interruptCpusPath(irq);
  const list = encodeIdList(cpus);
  try {
    host.writeKernelFile(path, list);
  } catch (error) {
    // EIO until kernel 6.2 or so, EPERM since: the reason is the same.
    if (error instanceof HostError && error.reason === 'failed') {
      throw new HostError('denied', error.message, { cause: error });
    }
    throw error;
  }
  if (readInterruptCpus(host, irq)?.equals(cpus) === false) {
    throw new HostError('denied', `Interrupt ${irq} stays where it is after "${list}" was written to ${path}`);
  }
}
