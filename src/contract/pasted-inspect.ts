// `berth/inspect/1` of `berth inspect --from FILE`: the same object, in which null is what the text does not tell.
import * as z from 'zod/mini';
import type { NumaNodeId } from '#domain/ids.ts';
import type { PastedTopology } from '#domain/pasted-topology.ts';
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

const pastedTopologyJson = z.strictObject({
  present: z.nullable(cpuSetJson),
  online: z.nullable(cpuSetJson),
  isolated: z.null(),
  nohzFull: z.null(),
  model: z.nullable(z.string()),
  packages: z.nullable(z.array(z.strictObject({ id: packageIdJson, cpus: cpuSetJson }))),
  llcs: z.nullable(
    z.array(z.strictObject({ id: llcIdJson, cpus: cpuSetJson, level: wholeNumber, sizeKiB: z.nullable(wholeNumber) })),
  ),
  cores: z.nullable(
    z.array(
      z.strictObject({
        id: coreIdJson,
        cpus: cpuSetJson,
        package: z.nullable(packageIdJson),
        llc: z.nullable(llcIdJson),
        node: z.nullable(nodeIdJson),
        kind: z.nullable(z.enum(['uniform', 'performance', 'efficiency'])),
      }),
    ),
  ),
  nodes: z.nullable(
    z.array(
      z.strictObject({
        id: nodeIdJson,
        cpus: z.nullable(cpuSetJson),
        memoryMiB: z.nullable(wholeNumber),
        distances: mapByIdJson<NumaNodeId, number>(wholeNumber),
      }),
    ),
  ),
  unknown: z.array(unknownJson),
});

export const pastedInspectJson = z.strictObject({
  schema: z.literal('berth/inspect/1'),
  /** Whose output it is. */
  from: z.enum(['numactl --hardware', 'lscpu', 'lscpu -p', 'lscpu -e', 'lstopo XML']),
  node: z.null(),
  simulated: z.literal(false),
  topology: pastedTopologyJson,
  memory: z.null(),
  guests: z.null(),
  placement: z.null(),
  unknown: z.array(unknownJson),
});

/** `name` is the text's. */
export function encodePastedInspect({ tool, ...topology }: PastedTopology, name: string): unknown {
  return z.encode(pastedInspectJson, {
    schema: 'berth/inspect/1',
    from: tool,
    node: null,
    simulated: false,
    topology: { ...topology, isolated: null, nohzFull: null } as z.output<typeof pastedTopologyJson>,
    memory: null,
    guests: null,
    placement: null,
    unknown: [{ path: name, reason: 'node name, free memory, guests and placement: not in the output of a tool' }],
  });
}
