// Host layers for the agent: settings that are not what the placement asks for, as after a boot, or since a guest started or stopped.
import { LAYERS } from '#domain/host-layer.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { type LayerContext, makeSettingMoves, parseKernelThreadPath } from '#domain/kernel-setting.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from '#host/host.ts';
import { type KernelThread, readKernelThread } from '#host/kernel-threads.ts';
import { readLayers } from '#host/read-layers.ts';
import type { Repair } from './repair.ts';

export interface LayerRepairs {
  /** What there is to do; nothing is changed. */
  readonly look: (context: LayerContext) => readonly Repair[];
}

export function makeLayerRepairs(host: Host): LayerRepairs {
  const threads = makeThreadList(host);
  const tree = rememberDrivers(host);
  const findMoves = (context: LayerContext) => {
    const asked = new Set(LAYERS.filter(layer => context.layers[layer] !== undefined));
    const about = cpuSet(context.reserved.keys());
    const { settings } = readLayers(tree, asked, { about, listThreads: found => threads(context, found) });
    return makeSettingMoves(settings, context);
  };
  let online: CpuSet | null = null;
  return {
    look: context => {
      if (online?.equals(context.online) !== true) tree.forget();
      online = context.online;
      const remembered = findMoves(context);
      if (remembered.size === 0) return [];
      // Nothing is written for what a driver said some time ago.
      tree.forget();
      return [...findMoves(context)].map(([layer, moves]) => ({ kind: 'layer', vmid: null, layer, settings: moves }));
    },
  };
}

/** What frequency drivers say of themselves: it changes with the CPUs that are online, or with the driver, which nobody changes on a host at work. */
const OF_DRIVERS = /\/(affected_cpus|scaling_available_governors|energy_performance_available_preferences)$/;

function rememberDrivers(host: Host): TextTree & { readonly forget: () => void } {
  const known = new Map<string, string | null>();
  return {
    list: path => host.list(path),
    read: path => {
      if (!OF_DRIVERS.test(path)) return host.read(path);
      const text = known.has(path) ? (known.get(path) ?? null) : host.read(path);
      known.set(path, text);
      return text;
    },
    forget: () => known.clear(),
  };
}

interface KnownThread {
  readonly thread: KernelThread;
  /** As the system call told when the thread was read. */
  readonly affinity: CpuSet | null;
}

/**
 * Kernel threads that may have to be moved: on dedicated CPUs, or moved before. Hosts have thousands of tasks: what each is is read once, after
 * that a system call tells whether those that can be moved may run elsewhere than before.
 */
function makeThreadList(host: Host) {
  const known = new Map<number, KnownThread | null>();
  const readKnown = (tid: number, affinity: CpuSet | null): KnownThread | null => {
    const thread = readKernelThread(host, tid);
    return thread === null || thread.isBound ? null : { thread, affinity };
  };
  return ({ reserved }: LayerContext, found: ReadonlyMap<string, string>): readonly KernelThread[] => {
    const tids = host.list('/proc').flatMap(name => (/^[1-9]\d*$/.test(name) ? [Number(name)] : []));
    const there = new Set(tids);
    for (const tid of known.keys()) if (!there.has(tid)) known.delete(tid);
    const taken = cpuSet(reserved.keys());
    const moved = new Set([...found.keys()].map(path => parseKernelThreadPath(path)?.tid));
    return tids.flatMap(tid => {
      const before = known.get(tid);
      if (before === null) return [];
      const affinity = host.threadAffinity({ pid: tid, tid });
      const isAsBefore = affinity !== null && before?.affinity?.equals(affinity) === true;
      const now = isAsBefore ? before : readKnown(tid, affinity);
      known.set(tid, now);
      const isWanted = now !== null && affinity !== null && (!affinity.isDisjointFrom(taken) || moved.has(tid));
      return isWanted ? [now.thread] : [];
    });
  };
}
