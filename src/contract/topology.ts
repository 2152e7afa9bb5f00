// `berth/topology/1`: what a node is; static facts only, as kept in /etc/pve/berth/nodes/NODE/topology.json.
import * as z from 'zod/mini';
import type { HostTopology } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import {
  coreIdJson,
  cpuSetJson,
  llcIdJson,
  mapByIdJson,
  nodeIdJson,
  packageIdJson,
  unknownJson,
  wholeNumber,
} from './values.ts';

const topologyFields = {
  present: cpuSetJson,
  online: cpuSetJson,
  isolated: cpuSetJson,
  nohzFull: cpuSetJson,
  model: z.nullable(z.string()),
  packages: z.array(z.strictObject({ id: packageIdJson, cpus: cpuSetJson })),
  llcs: z.array(
    z.strictObject({
      id: llcIdJson,
      cpus: cpuSetJson,
      level: wholeNumber,
      sizeKiB: z.nullable(wholeNumber),
      large: z.exactOptional(z.literal(true)),
    }),
  ),
  dies: z.exactOptional(z.array(cpuSetJson)),
  clusters: z.exactOptional(z.array(cpuSetJson)),
  cores: z.array(
    z.strictObject({
      id: coreIdJson,
      cpus: cpuSetJson,
      package: packageIdJson,
      llc: z.nullable(llcIdJson),
      node: z.nullable(nodeIdJson),
      kind: z.enum(['uniform', 'performance', 'efficiency']),
    }),
  ),
  nodes: z.array(
    z.strictObject({
      id: nodeIdJson,
      cpus: cpuSetJson,
      memoryMiB: z.nullable(wholeNumber),
      distances: mapByIdJson<NumaNodeId, number>(wholeNumber),
      memoryKind: z.exactOptional(z.enum(['hbm', 'pmem', 'cxl', 'unknown'])),
    }),
  ),
  unknown: z.array(unknownJson),
};

/** Topology inside other objects. */
export const topologyJson: z.ZodMiniType<HostTopology, unknown> = z.strictObject(topologyFields);

/** The whole file. */
export const topologyFileJson: z.ZodMiniType<
  HostTopology & { readonly schema: 'berth/topology/1'; readonly node: string },
  unknown
> = z.strictObject({
  schema: z.literal('berth/topology/1'),
  node: z.string(),
  ...topologyFields,
});
