// Host layers for the agent: settings that are not what the placement asks for, as after a boot, or since a guest started or stopped.
import { LAYERS } from '#domain/host-layer.ts';
import { cpuSet } from '#domain/id-set.ts';
import { type LayerContext, makeSettingMoves, parseKernelThreadPath } from '#domain/kernel-setting.ts';
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
  return {
    look: context => {
      const asked = new Set(LAYERS.filter(layer => context.layers[layer] !== undefined));
      const { settings } = readLayers(host, asked, found => threads(context, found));
      return [...makeSettingMoves(settings, context)].map(([layer, moves]) => ({
        kind: 'layer',
        vmid: null,
        layer,
        settings: moves,
      }));
    },
  };
}

/**
 * Kernel threads that may have to be moved: on dedicated CPUs, or moved before. Hosts have thousands of tasks: what each is is read once, after
 * that a system call tells where the few that can be moved may run.
 */
function makeThreadList(host: Host) {
  const movable = new Map<number, boolean>();
  return ({ reserved }: LayerContext, found: ReadonlyMap<string, string>): readonly KernelThread[] => {
    const tids = host.list('/proc').flatMap(name => (/^[1-9]\d*$/.test(name) ? [Number(name)] : []));
    const there = new Set(tids);
    for (const tid of movable.keys()) if (!there.has(tid)) movable.delete(tid);
    const taken = cpuSet(reserved.keys());
    const moved = new Set([...found.keys()].map(path => parseKernelThreadPath(path)?.tid));
    return tids.flatMap(tid => {
      const isMovable = movable.get(tid) ?? readKernelThread(host, tid)?.isBound === false;
      movable.set(tid, isMovable);
      const allowed = isMovable ? host.threadAffinity({ pid: tid, tid }) : null;
      if (allowed === null || (allowed.isDisjointFrom(taken) && !moved.has(tid))) return [];
      return readKernelThread(host, tid) ?? [];
    });
  };
}
