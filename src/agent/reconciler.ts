// One pass of the agent: compares every running guest with the placement in force, and repairs the difference.

import { ParseError } from '#domain/errors.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import { type Placement, reservedCpus } from '#domain/placement.ts';
import { readBenchMark } from '#host/bench-mark.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readIsolated, readKernelMasks, restoreKernelMasks } from '#host/kernel-masks.ts';
import { lockFile } from '#host/lock.ts';
import { mapBounded } from '#host/map-bounded.ts';
import type { VmPartition } from '#host/partition.ts';
import { makePlacementReader } from '#host/read-placement.ts';
import { listPidFiles } from '#host/vm-process.ts';
import { makeRepairs } from '#plan/make-repairs.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import { makeAskRoles } from './ask-roles.ts';
import { containerRepairs, runningContainers } from './containers.ts';
import { interruptRepairs } from './interrupts.ts';
import { makeLayerRepairs } from './layers.ts';
import { partitionOf, partitionRepairs } from './partitions.ts';
import { makeRefusals } from './refusals.ts';
import { applyRepair, changesPartitions, inOrder, type Repair } from './repair.ts';
import { unitRepairs } from './units.ts';
import { type KnownVm, readVmThreads } from './vm-threads.ts';

export interface Pass {
  /** VMs that run, placed or not. */
  readonly running: number;
  readonly repaired: readonly Repair[];
  /** What could not be done, by guest; `null` for what concerns them all. The next pass tries again. */
  readonly problems: ReadonlyMap<VmId | null, string>;
  /** An apply or undo is under way: what was found to do is left for the next pass. */
  readonly isBusy: boolean;
}

export interface Reconciler {
  /** Level-triggered: it needs no memory of what happened, so a missed event costs a period and nothing else. `only`: this VM, and no container. */
  readonly runPass: (only?: VmId) => Promise<Pass>;
}

export interface ReconcilerOptions {
  /** The longest that a pass waits for the answer of one QEMU; what comes later is used by a later pass. Default 1000. */
  readonly waitMs?: number;
}

/** One after the other, a few that are silent would hold up all the rest. */
const VMS_AT_ONCE = 8;

interface Reserved {
  readonly placement: Placement;
  readonly onlineText: string;
  readonly cpus: ReadonlyMap<CpuId, VmId>;
}

/** @param node the name of this node, as Proxmox has it */
export function makeReconciler(host: Host, node: string, { waitMs = 1000 }: ReconcilerOptions = {}): Reconciler {
  const ask = makeAskRoles(host, waitMs);
  const readInForce = makePlacementReader(host, node);
  let reserved: Reserved | null = null;
  const known = new Map<VmId, KnownVm>();
  const refusals = makeRefusals();
  const layers = makeLayerRepairs(host);

  /** Reading the topology takes longer than all the rest, and it changes only when a CPU comes or goes. */
  const reservedBy = (placement: Placement, onlineText: string): ReadonlyMap<CpuId, VmId> => {
    if (reserved?.placement !== placement || reserved.onlineText !== onlineText) {
      reserved = { placement, onlineText, cpus: reservedCpus(placement, parseTopology(host)) };
    }
    return reserved.cpus;
  };

  /** What there is to do; nothing is changed. */
  const look = async (only: VmId | null): Promise<Pass> => {
    const problems = new Map<VmId | null, string>();
    const vmids = listPidFiles(host);
    for (const vmid of known.keys()) if (!vmids.includes(vmid)) known.delete(vmid);
    const found = { running: vmids.length, problems, isBusy: false };
    let placement: Placement | null = null;
    try {
      placement = readInForce();
    } catch (error) {
      // Edited by hand, say, or of a later version: whoever guesses what it means pins guests where they do not belong.
      problems.set(null, describe(error));
    }
    if (placement === null) return { ...found, repaired: [] };
    const onlineText = host.read('/sys/devices/system/cpu/online') ?? '';
    const against = { placement, reserved: reservedBy(placement, onlineText), online: parseCpuList(onlineText) };
    const partitions = new Map<VmId, VmPartition | null>();
    // What is being measured changes its placement by itself; should it be started anew meanwhile, nobody would take its pins back.
    const measured = readBenchMark(host)?.vmid;
    const looked = vmids.filter(vmid => (only === null || vmid === only) && vmid !== measured);
    const unknown = new Set(vmids.filter(vmid => !looked.includes(vmid)));
    const compared = await mapBounded(looked, VMS_AT_ONCE, async (vmid): Promise<readonly Repair[]> => {
      try {
        const vm = await readVmThreads(host, { vmid, node, placement, ask, known });
        if (vm === null) return [];
        if (vm.isDoubtful) unknown.add(vmid);
        else partitions.set(vmid, partitionOf(vmid, vm, against));
        const threads = [vm, ...vm.helpers].flatMap(({ pid, threads: all }): Repair[] => {
          const wrong = makeRepairs({ vmid, threads: all, placed: vm.placed, ...against });
          return wrong.length === 0 ? [] : [{ kind: 'threads', vmid, pid, threads: wrong }];
        });
        return [...threads, ...interruptRepairs(host, vmid, vm, against.online)];
      } catch (error) {
        problems.set(vmid, describe(error));
        unknown.add(vmid);
        return [];
      }
    });
    try {
      const running = new Set([
        ...vmids.filter(vmid => known.has(vmid) || unknown.has(vmid)),
        ...runningContainers(host),
      ]);
      const { housekeeping, layers: asked = {} } = placement;
      const settings = only === null ? layers.look({ ...against, layers: asked, housekeeping, running }) : [];
      const cgroups = [
        ...(only === null ? [...unitRepairs(host, against), ...containerRepairs(host, against)] : []),
        ...partitionRepairs({ host, placement, wanted: partitions, unknown }),
      ];
      return { ...found, repaired: inOrder([...compared.flat(), ...cgroups, ...settings]) };
    } catch (error) {
      // Cgroups go with their guests, also while they are looked at.
      problems.set(null, describe(error));
      return { ...found, repaired: compared.flat() };
    }
  };

  return {
    runPass: async only => {
      const found = await look(only ?? null);
      if (found.repaired.length === 0) return found;
      // An apply or undo that is under way knows better; what it leaves is looked at in the next pass.
      const lock = tryLock(host);
      if (lock === null) return { ...found, repaired: [], isBusy: true };
      try {
        const now = await look(only ?? null);
        const problems = new Map(now.problems);
        const masks = now.repaired.some(changesPartitions) ? readKernelMasks(host) : null;
        const isolated = readIsolated(host);
        const repaired = now.repaired.flatMap(repair => {
          const earlier = refusals.reason(repair);
          if (earlier !== null) {
            problems.set(repair.vmid, earlier);
            return [];
          }
          const done = applyRepair(host, repair, ({ message }) => {
            problems.set(repair.vmid, message);
            refusals.note(repair, message);
          });
          return done === null ? [] : [done];
        });
        if (masks !== null) restoreKernelMasks(host, masks, isolated);
        return { ...now, repaired, problems };
      } finally {
        lock.release();
      }
    },
  };
}

function tryLock(host: Host): { release(): void } | null {
  try {
    return lockFile(host, '/run/berth/lock');
  } catch (error) {
    if (error instanceof HostError && error.reason === 'busy') return null;
    throw error;
  }
}

function describe(error: unknown): string {
  if (error instanceof HostError || error instanceof ParseError) return error.message;
  throw error;
}
