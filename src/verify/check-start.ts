// Can a VM that is about to start be placed as planned? What would stop its start, CPUs that are gone, memory that its nodes do not have.
import { type Finding, finding } from '#domain/finding.ts';
import type { VmGuest } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { unionOf } from '#domain/id-set.ts';
import type { NodeMemory } from '#domain/inventory.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { makeStartHost, nextValues } from '#proxmox/predict-next-start.ts';
import { predictStart } from '#proxmox/predict-start.ts';

export interface StartInput {
  readonly guest: VmGuest;
  readonly placed: GuestPlacement;
  readonly topology: HostTopology;
  readonly memory: readonly NodeMemory[];
}

/** Empty when nothing is in the way. */
export function checkStart(input: StartInput): readonly Finding[] {
  return [...stoppedStart(input), ...offlineCpus(input), ...shortMemory(input)];
}

/** Proxmox, taskset or QEMU would say so in a moment, in other words. */
function* stoppedStart({ guest, topology, memory }: StartInput): Generator<Finding> {
  const { problems } = predictStart(nextValues(guest.text), makeStartHost({ topology, memory }));
  const stopped = problems.find(({ severity }) => severity === 'error');
  if (stopped === undefined) return;
  yield finding('start-fails', 'error', { vmid: guest.vmid, problem: stopped.code, keys: [...stopped.keys] });
}

function* offlineCpus({ placed, topology: { online } }: StartInput): Generator<Finding> {
  const cpus = unionOf([...placed.vcpus, placed.emulator]).difference(online);
  if (!cpus.isEmpty) yield finding('cpu-went-offline', 'error', { vmid: placed.vmid, cpus });
}

/** Counts what is free now: two guests that start at once may each be told that there is enough. */
function* shortMemory({ guest, placed, memory }: StartInput): Generator<Finding> {
  const { vmid } = placed;
  for (const { hostNode, memoryMiB: neededMiB } of placed.memory?.parts ?? []) {
    const node = memory.find(candidate => candidate.node === hostNode);
    if (node === undefined) continue;
    const thereMiB = Math.floor(node.availableMiB + freePoolMiB(guest, node));
    if (neededMiB > thereMiB)
      yield finding('start-memory-short', 'warning', { vmid, node: hostNode, neededMiB, thereMiB });
  }
}

/** Free hugepages of the size that the guest is configured with; Proxmox makes the missing ones from free memory. */
function freePoolMiB({ hugepages }: VmGuest, node: NodeMemory): number {
  return [...node.hugepages].reduce((sum, [kib, { free }]) => {
    const isUsed = hugepages === 'any' || Number(hugepages) * 1024 === kib;
    return hugepages !== null && isUsed ? sum + (free * kib) / 1024 : sum;
  }, 0);
}
