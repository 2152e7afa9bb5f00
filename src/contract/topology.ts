// `berth/topology/1`: what a node is; static facts only, as kept in /etc/pve/berth/nodes/NODE/topology.json.
import * as z from 'zod/mini';
import type { HostTopology } from '#domain/host-topology.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import { encodeJson, parseJson } from './read-json.ts';
import {
  coreIdJson,
  cpuSetJson,
  llcIdJson,
  mapByIdJson,
  mapByNameJson,
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
  physicalAddressBits: z.exactOptional(wholeNumber),
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

/** What other nodes need to know besides, before a guest moves here; absent in files from before it was asked for. */
const factFields = {
  hugepageSizesKiB: z.exactOptional(z.array(wholeNumber)),
  /** Address → vendor:device. */
  pciDevices: z.exactOptional(mapByNameJson(z.string())),
  /** Volume ids of snippets on storages of this node alone. */
  snippets: z.exactOptional(z.array(z.string())),
};

type FactFile = HostTopology & {
  readonly schema: 'berth/topology/1';
  readonly node: string;
  readonly hugepageSizesKiB?: number[];
  readonly pciDevices?: ReadonlyMap<string, string>;
  readonly snippets?: string[];
};

/** The whole file. */
export const topologyFileJson: z.ZodMiniType<FactFile, unknown> = z.strictObject({
  schema: z.literal('berth/topology/1'),
  node: z.string(),
  ...topologyFields,
  ...factFields,
});

/** The text of a node's `topology.json`. */
export function encodeNodeFacts({ node, topology, hugepageSizesKiB, pciDevices, snippets }: NodeFacts): string {
  return encodeJson(topologyFileJson, {
    schema: 'berth/topology/1',
    node,
    ...topology,
    ...(hugepageSizesKiB && { hugepageSizesKiB: [...hugepageSizesKiB].sort((a, b) => a - b) }),
    ...(pciDevices && { pciDevices }),
    ...(snippets && { snippets: [...snippets].sort() }),
  });
}

/** @throws ParseError naming the file. */
export function parseNodeFacts(text: string, file: string): NodeFacts {
  const {
    schema: _schema,
    node,
    hugepageSizesKiB,
    pciDevices,
    snippets,
    ...topology
  } = parseJson(topologyFileJson, text, file);
  return {
    node,
    topology,
    hugepageSizesKiB: hugepageSizesKiB ? new Set(hugepageSizesKiB) : null,
    pciDevices: pciDevices ?? null,
    snippets: snippets ? new Set(snippets) : null,
  };
}
