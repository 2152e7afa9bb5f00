// What a node tells the other nodes of its cluster about itself, so that a guest can be judged before it moves there.
import type { HostTopology } from './host-topology.ts';

/** Static facts only. Null: not told, as by a node that published before this was asked for. */
export interface NodeFacts {
  readonly node: string;
  readonly topology: HostTopology;
  /** Page sizes of its kernel, whether or not there are pages. */
  readonly hugepageSizesKiB: ReadonlySet<number> | null;
  /** Address → vendor and device: `0000:01:00.0` → `10de:2204`. */
  readonly pciDevices: ReadonlyMap<string, string> | null;
  /** Volume ids of snippets on its storages that are not shared: `local:snippets/pin.sh`. */
  readonly snippets: ReadonlySet<string> | null;
}
