// How single values look in every JSON of ours: CPU and node sets as cpulists, maps as objects keyed by id.
import * as z from 'zod/mini';
import { ParseError } from '#domain/errors.ts';
import { encodeIdList, parseIdList } from '#domain/id-list.ts';
import { type CpuSet, IdSet, type NodeSet } from '#domain/id-set.ts';
import type { CoreId, CpuId, LlcId, NumaNodeId, PackageId, VcpuIndex, VmId } from '#domain/ids.ts';

const natural = z.int().check(z.nonnegative());

/** Ids pass through JSON as plain numbers; the brand exists only in types. */
const branded = <Id extends number>() =>
  z.codec(
    natural,
    z.custom<Id>(value => typeof value === 'number'),
    { decode: n => n as Id, encode: n => n as number },
  );

export const cpuIdJson = branded<CpuId>();
export const nodeIdJson = branded<NumaNodeId>();
export const coreIdJson = branded<CoreId>();
export const llcIdJson = branded<LlcId>();
export const packageIdJson = branded<PackageId>();
export const vcpuIndexJson = branded<VcpuIndex>();
export const vmIdJson = z.codec(
  z.int().check(z.minimum(1), z.maximum(999_999_999)),
  z.custom<VmId>(value => typeof value === 'number'),
  { decode: n => n as VmId, encode: n => n as number },
);

/** The name of a systemd unit, or of a cgroup: no path. */
export const unitNameJson = z.string().check(z.regex(/^[A-Za-z0-9_][\w:.\\@-]{0,254}$/));

function idListJson<Id extends number>(what: string) {
  return z.codec(
    z.string(),
    z.custom<IdSet<Id>>(value => value instanceof IdSet),
    {
      decode: (text, context) => {
        try {
          return parseIdList<Id>(text, what);
        } catch (error) {
          if (!(error instanceof ParseError)) throw error;
          context.issues.push({ code: 'custom', message: error.message, input: text });
          return z.NEVER;
        }
      },
      encode: set => encodeIdList(set),
    },
  );
}

/** `"0-3,8"`; `""` is the empty set. */
export const cpuSetJson: z.ZodMiniType<CpuSet, string> = idListJson<CpuId>('CPU list');
export const nodeSetJson: z.ZodMiniType<NodeSet, string> = idListJson<NumaNodeId>('node list');

/** An object keyed by id, `{"0": 10, "33": 21}` ⇄ a Map with numeric keys. */
export function mapByIdJson<Id extends number, Value>(value: z.ZodMiniType<Value, unknown>) {
  return z.codec(
    z.record(z.string().check(z.regex(/^\d+$/)), value),
    z.custom<ReadonlyMap<Id, Value>>(map => map instanceof Map),
    {
      decode: record => new Map(Object.entries(record).map(([key, entry]) => [Number(key) as Id, entry as Value])),
      encode: map => Object.fromEntries([...map].sort(([a], [b]) => a - b)) as never,
    },
  );
}

/** An object keyed by name ⇄ a Map. */
export function mapByNameJson<Value>(value: z.ZodMiniType<Value, unknown>) {
  return z.codec(
    z.record(z.string(), value),
    z.custom<ReadonlyMap<string, Value>>(map => map instanceof Map),
    {
      decode: record => new Map(Object.entries(record) as [string, Value][]),
      encode: map => Object.fromEntries(map) as never,
    },
  );
}

export const unknownJson = z.strictObject({ path: z.string(), reason: z.string() });
export const wholeNumber = natural;
