// How many hugepages Proxmox allocates on which host node before it starts a VM.
import { joinHostNodes } from './host-node-list.ts';
import { chooseHugepageSize } from './hugepage-size.ts';
import { dimmsFor, staticMemoryMiB } from './memory-hotplug.ts';
import { numaKeys, parseNumaEntry } from './numa-entry.ts';
import type { StartHost } from './start-host.ts';
import { StartRefusal } from './start-problem.ts';
import {
  type ConfigValues,
  configuredMemory,
  countOrOne,
  encodePerlNumber,
  hasMemoryHotplug,
  isTrue,
  perlNumber,
} from './start-values.ts';

/** Page size in MiB, as configured or chosen → host node → pages. */
export type HugepagePlan = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * Null without `hugepages`. To be asked after `makeVmMemory`, as Proxmox does: what that one refuses is not looked at again.
 * Without `numaN` lines the pages of guest node i come from host node i, but nothing binds the guest to them.
 * @throws StartRefusal for host nodes that are not one digit.
 */
export function makeHugepagePlan(values: ConfigValues, host: StartHost): HugepagePlan | null {
  const wanted = values.get('hugepages');
  if (!isTrue(wanted)) return null;
  const plan = new Map<string, Map<number, number>>();
  for (const { node, size } of piecesOf(values, host)) {
    const pageSize = chooseHugepageSize(size, wanted, host);
    const pages = plan.get(pageSize) ?? new Map<number, number>();
    pages.set(node, (pages.get(node) ?? 0) + perlNumber(size) / perlNumber(pageSize));
    plan.set(pageSize, pages);
  }
  return plan;
}

interface Piece {
  /** Host node. */
  readonly node: number;
  /** MiB. */
  readonly size: string;
}

function* piecesOf(values: ConfigValues, host: StartHost): Generator<Piece> {
  const keys = numaKeys(values);
  for (const key of keys) {
    const { memory, hostNodes } = parseNumaEntry(key, values.get(key) ?? '');
    const passed = joinHostNodes(key, hostNodes ?? [], host);
    if (!/^\d$/.test(passed)) {
      const says = 'more than 1 hostnode value in numa node is not supported when hugepages are enabled';
      throw new StartRefusal('hugepages-host-node-not-single', [key], says);
    }
    yield { node: Number(passed), size: memory ?? '' };
  }
  const memory = configuredMemory(values);
  const hotplug = hasMemoryHotplug(values);
  if (keys.length === 0) {
    const sockets = countOrOne(values, 'sockets');
    const size = encodePerlNumber((hotplug ? staticMemoryMiB(values) : Number(memory)) / sockets);
    for (let node = 0; node < sockets; node++) yield { node, size };
  }
  if (hotplug) {
    for (const { node, sizeMiB } of dimmsFor(values, Number(memory))) yield { node, size: `${sizeMiB}` };
  }
}
