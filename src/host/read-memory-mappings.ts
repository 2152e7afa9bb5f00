// Reads where the memory of running VMs is, mapping by mapping: only for moving it, because the kernel walks every page for that.
import type { Guest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { MemoryMapping } from '#domain/memory-move.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseMemoryMappings } from '#topology/parse-memory-mappings.ts';
import { HostError } from './host-error.ts';
import { readParsed } from './read-parsed.ts';

/** Null where it cannot be read. */
export function readMemoryMappings(
  host: TextTree,
  guests: readonly Guest[],
): ReadonlyMap<VmId, readonly MemoryMapping[] | null> {
  return new Map(
    guests.flatMap(({ kind, vmid, runtime }) =>
      kind === 'container' || runtime === null || !('pid' in runtime) ? [] : [[vmid, readMappings(host, runtime.pid)]],
    ),
  );
}

export function readMappings(host: TextTree, pid: number): readonly MemoryMapping[] | null {
  try {
    const maps = host.read(`/proc/${pid}/maps`);
    return readParsed(host, `/proc/${pid}/numa_maps`, text => parseMemoryMappings(text, maps));
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}
