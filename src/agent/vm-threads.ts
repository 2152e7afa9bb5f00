// The threads of one running VM for the agent: masks from /proc in every pass, roles from QEMU only when the set of threads has changed.
import { type GuestIdentity, type GuestThread, isSameGuest, type ThreadRole } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import { type GuestPlacement, type Placement, whileCopied } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
import { helperPids } from '#host/read-helpers.ts';
import { readPassthroughDevices } from '#host/read-interrupts.ts';
import { readVmProcess } from '#host/vm-process.ts';
import type { AskRoles } from './ask-roles.ts';
import { readVmConfig, readVmLock } from './read-vm-config.ts';

/** What was learnt about a process that still runs. */
export interface KnownVm {
  readonly pid: number;
  readonly startTime: number;
  /** Thread ids that QEMU was asked about, in one text. */
  readonly tids: string;
  readonly roles: ReadonlyMap<number, ThreadRole>;
  /** From the config; null while there is none to be found. */
  readonly identity: GuestIdentity | null;
  /** Addresses of passthrough devices that its process has. */
  readonly devices: readonly string[];
}

export interface VmThreads {
  readonly pid: number;
  readonly threads: readonly GuestThread[];
  /** Of the processes that serve it from outside QEMU; see `readHelpers`. */
  readonly helpers: ReadonlyArray<{ readonly pid: number; readonly threads: readonly GuestThread[] }>;
  /** As it holds now: see `whileCopied`. */
  readonly placed: GuestPlacement | null;
  /** The placement names its VMID, and its config, which would say whether it is the same guest, cannot be read now. */
  readonly isDoubtful: boolean;
  /** As `KnownVm` has them. */
  readonly devices: readonly string[];
}

export interface VmThreadsInput {
  readonly vmid: VmId;
  readonly node: string;
  readonly placement: Placement;
  readonly ask: AskRoles;
  /** Read and brought up to date. */
  readonly known: Map<VmId, KnownVm>;
}

/** Null when it does not run. @throws HostError when QEMU does not say which thread is which. */
export async function readVmThreads(host: Host, input: VmThreadsInput): Promise<VmThreads | null> {
  const { vmid, placement, known } = input;
  const process = readVmProcess(host, vmid, known.get(vmid) ?? null);
  if (process === null) {
    known.delete(vmid);
    return null;
  }
  const { pid, startTime } = process;
  const placed = placement.guests.find(guest => guest.vmid === vmid && guest.kind === 'vm') ?? null;
  const masks = readMasks(host, pid);
  const tids = [...masks.keys()].join();
  let vm = known.get(vmid);
  if (vm?.pid !== pid || vm.startTime !== startTime || vm.tids !== tids) {
    const { vcpus, iothreads } = await input.ask(vmid, [pid, startTime, tids].join());
    const roles = new Map<number, ThreadRole>([
      ...vcpus.map(({ index, tid }) => [tid, { kind: 'vcpu', index }] as const),
      ...iothreads.map(({ id, tid }) => [tid, { kind: 'iothread', id }] as const),
    ]);
    // A process keeps its identity, whatever becomes of its config.
    const isSameProcess = vm?.pid === pid && vm.startTime === startTime;
    const devices = isSameProcess ? (vm?.devices ?? []) : readPassthroughDevices(host, pid);
    vm = { pid, startTime, tids, roles, identity: isSameProcess ? (vm?.identity ?? null) : null, devices };
  }
  if (vm.identity === null) vm = { ...vm, identity: readVmConfig(host, vmid, input.node)?.identity ?? null };
  known.set(vmid, vm);
  const { roles, identity, devices } = vm;
  const isPlaced = placed !== null && identity !== null && isSameGuest(identity, placed.identity);
  const threadsOf = (of: ReadonlyMap<number, GuestThread['allowed']>, roleOf: (tid: number) => ThreadRole) =>
    [...of].map(([tid, allowed]) => ({ tid, allowed, name: '', lastCpu: 0, role: roleOf(tid) }));
  const threads = threadsOf(masks, tid => roles.get(tid) ?? { kind: 'emulator' });
  const helpers = helperPids(host, vmid, pid).map(helper => {
    return { pid: helper, threads: threadsOf(readMasks(host, helper), () => ({ kind: 'emulator' })) };
  });
  const lock = isPlaced && placed.class === 'dedicated' ? readVmLock(host, vmid, input.node) : null;
  return {
    ...{ pid, threads, helpers, devices },
    placed: isPlaced ? whileCopied(placed, placement.housekeeping, lock) : null,
    isDoubtful: placed !== null && identity === null,
  };
}

function readMasks(host: Host, pid: number): ReadonlyMap<number, GuestThread['allowed']> {
  const masks = new Map<number, GuestThread['allowed']>();
  for (const name of host.list(`/proc/${pid}/task`)) {
    const tid = Number(name);
    const allowed = host.threadAffinity({ pid, tid });
    if (allowed !== null) masks.set(tid, allowed);
  }
  return masks;
}
