// What `/proc/cpuinfo` says that sysfs does not: the processor's model, and how many bits its physical addresses have.
import type { HostTopology } from '#domain/host-topology.ts';
import type { SysfsReader } from './sysfs-reader.ts';

/** Of the first processor; the names of other architectures are not known here. */
export function parseProcessor(reader: SysfsReader): Pick<HostTopology, 'model' | 'physicalAddressBits'> {
  const text = reader.text('/proc/cpuinfo') ?? '';
  const model = /^model name[ \t]*:[ \t]*(.*\S)/m.exec(text)?.[1];
  if (model === undefined) reader.note('/proc/cpuinfo', 'no "model name" line: the processor model is not known');
  const bits = /^address sizes[ \t]*:[ \t]*(\d+) bits physical/m.exec(text)?.[1];
  return { model: model ?? null, ...(bits !== undefined && { physicalAddressBits: Number(bits) }) };
}
