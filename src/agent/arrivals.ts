// VMs that run here without a placement, as after a migration, and those that had come so and are gone: what `onArrival: place` is about.
import { ParseError } from '#domain/errors.ts';
import { isSameGuest } from '#domain/guest.ts';
import type { VmId } from '#domain/ids.ts';
import type { Placement } from '#domain/placement.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { digestOf } from '#host/read-guest-configs.ts';
import { placementPath, readPlacement } from '#host/read-placement.ts';
import { listPidFiles, readVmProcess } from '#host/vm-process.ts';
import { parseGuestConfigText, rawConfigValue } from '#proxmox/guest-config-text.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';

export interface ArrivalSteps {
  /** Whether the policy wants arrivals placed. @throws ParseError for a policy that is none: nothing is placed then. */
  readonly isWanted: () => boolean;
  /** @param process `PID/start time` @throws HostError to be asked again in the next pass. */
  readonly arrive: (vmid: VmId, process: string) => Promise<void>;
  /** @throws HostError likewise. */
  readonly depart: (vmid: VmId) => Promise<void>;
}

/** Looks once when called, and returns what could not be done, by VM. Each process is asked about once. */
export function makeArrivals(
  host: Host,
  node: string,
  steps: ArrivalSteps,
): () => Promise<ReadonlyMap<VmId | null, string>> {
  const decided = new Set<string>();
  return async () => {
    const problems = new Map<VmId | null, string>();
    /** Undefined when it could not be done. */
    const attempt = async <T>(vmid: VmId | null, work: () => T | Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof HostError || error instanceof ParseError)) throw error;
        // An apply that is under way ends some time.
        if (!(error instanceof HostError && error.reason === 'busy')) problems.set(vmid, error.message);
        return undefined;
      }
    };
    const isWanted = (await attempt(null, steps.isWanted)) ?? false;
    // As a rule there is nothing to do, and reading a large placement would be most of a pass.
    if (!isWanted && !hasArrived(host, node)) return problems;
    const placement = await attempt(null, () => readPlacement(host, node));
    if (placement === undefined) return problems;
    for (const { vmid, arrived } of placement?.guests ?? []) {
      if (arrived && isGone(host, node, vmid)) await attempt(vmid, () => steps.depart(vmid));
    }
    if (!isWanted) return problems;
    for (const vmid of listPidFiles(host)) {
      await attempt(vmid, async () => {
        const process = readVmProcess(host, vmid);
        const key = process && `${process.pid}/${process.startTime}`;
        if (key === null || decided.has(key)) return;
        const config = settledConfig(host, node, vmid);
        if (config === null) return;
        if (!isPlaced(config, { vmid, placement })) await steps.arrive(vmid, key);
        decided.add(key);
      });
    }
    return problems;
  };
}

interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

const configPath = (node: string, vmid: VmId): string => `/etc/pve/nodes/${node}/qemu-server/${vmid}.conf`;

const isGone = (host: Host, node: string, vmid: VmId): boolean =>
  host.list('/etc/pve/nodes').includes(node) &&
  host.read(configPath(node, vmid)) === null &&
  readVmProcess(host, vmid) === null;

/** Whether the placement in force may name a VM that has arrived. */
const hasArrived = (host: Host, node: string): boolean =>
  host.read(placementPath(node))?.includes('"arrived"') === true;

/**
 * Null while its config is not here, as before an incoming migration has ended, or while Proxmox is in the middle of something:
 * a stopped VM that only runs to be backed up claims no CPUs.
 */
function settledConfig(host: Host, node: string, vmid: VmId): ConfigFile | null {
  const path = configPath(node, vmid);
  const text = host.read(path);
  return text === null || rawConfigValue(parseGuestConfigText(text), 'main', 'lock') !== null ? null : { path, text };
}

function isPlaced(
  { path: configPath, text }: ConfigFile,
  { vmid, placement }: { readonly vmid: VmId; readonly placement: Placement | null },
): boolean {
  const placed = placement?.guests.find(guest => guest.vmid === vmid);
  if (!placed || placed.class === 'shared') return false;
  const { guest } = parseVmGuest({ vmid, configPath, digest: digestOf(text), text });
  return isSameGuest(guest.identity, placed.identity);
}
