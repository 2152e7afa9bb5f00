// A `numaN` value as the start of a VM reads it: Proxmox passes numbers on as they were written.
import { invariant } from '#domain/errors.ts';
import { MAX_NUMA_NODES, NUMA_FORMAT } from './numa-line.ts';
import { parsePropertyString } from './property-string.ts';
import { StartRefusal } from './start-problem.ts';
import { type ConfigValues, isTrue } from './start-values.ts';

/** `4-7`, or `4` with no last; digits as written. */
export interface NumberRange {
  readonly first: string;
  readonly last: string | null;
}

export interface NumaEntry {
  readonly index: number;
  /** `numa0` to `numa7`. */
  readonly key: string;
  readonly vcpus: readonly NumberRange[];
  /** MiB as written; null when unset or `0`. */
  readonly memory: string | null;
  readonly hostNodes: readonly NumberRange[] | null;
  readonly policy: string | null;
}

export function numaKeys(values: ConfigValues): readonly string[] {
  return Array.from({ length: MAX_NUMA_NODES }, (_, index) => `numa${index}`).filter(key => values.has(key));
}

/**
 * Reads the value of `numa<index>` in a config that `parseVmConfig` accepted.
 * @throws StartRefusal for a reversed range, the only thing that Proxmox finds at start and not when it reads the file.
 */
export function parseNumaEntry(key: string, text: string): NumaEntry {
  const values = parsePropertyString(text, NUMA_FORMAT);
  const hostNodes = values.get('hostnodes');
  const memory = values.get('memory');
  return {
    index: Number(key.slice('numa'.length)),
    key,
    vcpus: parseRanges(values.get('cpus') ?? '', key),
    memory: isTrue(memory) ? memory : null,
    hostNodes: hostNodes === undefined ? null : parseRanges(hostNodes, key),
    policy: values.get('policy') ?? null,
  };
}

export function encodeRange({ first, last }: NumberRange): string {
  return last === null ? first : `${first}-${last}`;
}

function parseRanges(list: string, key: string): readonly NumberRange[] {
  return list.split(';').map(entry => {
    const [, first, last = null] = /^(\d+)(?:-(\d+))?$/.exec(entry) ?? [];
    invariant(first !== undefined, `${key} holds the list "${list}"`);
    if (last !== null && Number(last) < Number(first)) {
      throw new StartRefusal('numa-range-reversed', [key], `invalid range: ${entry} (${last} < ${first})`);
    }
    return { first, last };
  });
}
