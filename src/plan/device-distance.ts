// How far a guest's nodes are from the passthrough devices that it should be near to.
import { type HostTopology, nodeDistance } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { Demand } from './demand.ts';

/** For every device the distance from the nearest of the nodes, beyond that within the device's own node. */
export function distanceToDevices(
  { deviceNodes }: Pick<Demand, 'deviceNodes'>,
  nodes: readonly NumaNodeId[],
  topology: HostTopology,
): number {
  const farther = deviceNodes.map(device => {
    const nearest = Math.min(...nodes.map(node => nodeDistance(topology, node, device)));
    return Math.max(0, nearest - nodeDistance(topology, device, device));
  });
  return farther.reduce((sum, distance) => sum + distance, 0);
}
