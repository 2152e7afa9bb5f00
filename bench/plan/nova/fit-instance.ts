// Nova's `numa_fit_instance_to_host`: the first way to put guest nodes onto host nodes that fits, in the order of the strategy.
import { type FittedCell, freeIn, type HostCell, type InstanceCell } from './nova-cells.ts';
import { packOntoCores } from './pack-onto-cores.ts';

export interface FitOptions {
  /** Which host nodes are tried first: those with most room, or with least. */
  readonly strategy: 'spread' | 'pack';
  /** The host node of a PCI device that the instance asks for. */
  readonly deviceCell: number | null;
  /** A CPU more beside guest node 0, for the emulator threads. */
  readonly isolateEmulator: boolean;
  readonly limits: OvercommitLimits | null;
}

/** How many times over CPUs and memory may be given to instances that float. */
export interface OvercommitLimits {
  readonly cpuRatio: number;
  readonly memoryRatio: number;
}

/** The fitted cells in the order of the instance's; no costs are compared, the first fit is taken. */
export function fitInstance(
  hostCells: readonly HostCell[],
  cells: readonly InstanceCell[],
  options: FitOptions,
): readonly FittedCell[] | null {
  if (hostCells.length < cells.length) return null;
  const ordered = hostCells.length === cells.length ? hostCells : sortCells(hostCells, cells, options);
  const extend = (fitted: readonly FittedCell[]): readonly FittedCell[] | null => {
    const next = cells[fitted.length];
    if (next === undefined) return hasDevice(fitted, options.deviceCell) ? fitted : null;
    const reserve = options.isolateEmulator && fitted.length === 0 ? 1 : 0;
    for (const host of ordered.filter(({ id }) => !fitted.some(({ hostCell }) => hostCell === id))) {
      const fit = fitCell(host, next, { limits: options.limits, reserve });
      const all = fit && extend([...fitted, fit]);
      if (all !== null) return all;
    }
    return null;
  };
  return extend([]);
}

const hasDevice = (fitted: readonly FittedCell[], device: number | null): boolean =>
  device === null || fitted.some(({ hostCell }) => hostCell === device);

/** Stable sorts: what is sorted by last counts most. */
function sortCells(
  hostCells: readonly HostCell[],
  cells: readonly InstanceCell[],
  { strategy, deviceCell }: FitOptions,
): readonly HostCell[] {
  const direction = strategy === 'spread' ? -1 : 1;
  const roomFor = (cell: HostCell): number => (cells[0]?.pins ? freeIn(cell).size : -cell.floatingVcpus);
  return hostCells
    .toSorted((a, b) => direction * (a.memoryMiB - a.usedMiB - (b.memoryMiB - b.usedMiB)))
    .toSorted((a, b) => direction * (roomFor(a) - roomFor(b)))
    .toSorted((a, b) => Number(b.id === deviceCell) - Number(a.id === deviceCell));
}

/** Whether one guest node goes into one host node, and where its pinned vCPUs go. */
export function fitCell(
  host: HostCell,
  cell: InstanceCell,
  { limits, reserve }: { readonly limits: OvercommitLimits | null; readonly reserve: number },
): FittedCell | null {
  if (cell.memoryMiB > (host.smallPagesMiB ?? host.memoryMiB)) return null;
  if (cell.pins) {
    if (cell.pinnedVcpus.length + reserve > freeIn(host).size) return null;
    return cell.memoryMiB > host.memoryMiB - host.usedMiB ? null : packOntoCores(host, cell, reserve);
  }
  if (cell.floating > host.shared.size) return null;
  if (limits !== null) {
    if (host.floatingVcpus + cell.floating > host.shared.size * limits.cpuRatio) return null;
    if (host.usedMiB + cell.memoryMiB > host.memoryMiB * limits.memoryRatio) return null;
  }
  return { hostCell: host.id, cpuOf: new Map(), reserved: host.shared.filter(() => false) };
}
