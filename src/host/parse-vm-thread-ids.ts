// QEMU's own answers about its threads: QMP `query-cpus-fast` and `query-iothreads`.
import { ParseError } from '#domain/errors.ts';
import { vcpuIndex } from '#domain/ids.ts';
import type { VmThreadIds } from './host.ts';

/**
 * Both are the `return` values of the replies, by ascending vCPU index and by iothread name.
 * Example: `[{"cpu-index": 0, "thread-id": 4243, …}]` and `[{"id": "iothread0", "thread-id": 4240, …}]`.
 */
export function parseVmThreadIds(cpus: unknown, iothreads: unknown): VmThreadIds {
  return {
    vcpus: entriesOf(cpus, 'query-cpus-fast')
      .map(entry => ({
        index: vcpuIndex(numberIn(entry, 'cpu-index', 0)),
        tid: numberIn(entry, 'thread-id', 1),
      }))
      .sort((a, b) => a.index - b.index),
    iothreads: entriesOf(iothreads, 'query-iothreads')
      .map(entry => ({ id: textIn(entry, 'id'), tid: numberIn(entry, 'thread-id', 1) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function entriesOf(reply: unknown, command: string): readonly object[] {
  const isList = Array.isArray(reply) && reply.every(entry => typeof entry === 'object' && entry !== null);
  if (!isList) throw new ParseError(`Cannot parse the answer to ${command}: expected a list of objects`);
  return reply;
}

function valueIn(entry: object, key: string): unknown {
  return (entry as Readonly<Record<string, unknown>>)[key];
}

function numberIn(entry: object, key: string, atLeast: number): number {
  const value = valueIn(entry, key);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= atLeast) return value;
  throw new ParseError(`Cannot parse "${key}" in ${JSON.stringify(entry)}: expected a whole number from ${atLeast}`);
}

function textIn(entry: object, key: string): string {
  const value = valueIn(entry, key);
  if (typeof value === 'string') return value;
  throw new ParseError(`Cannot parse "${key}" in ${JSON.stringify(entry)}: expected a text`);
}
