// The config values from which Proxmox makes the QEMU command, and how Perl takes them.
import { MEMORY_FORMAT, parseHotplugFeatures } from './config-value.ts';
import { parsePropertyString } from './property-string.ts';

const DEFAULT_MEMORY = '512';

/** Values of the main section, as `parseVmConfig` keeps them. */
export type ConfigValues = ReadonlyMap<string, string>;

/** A template starts only to be backed up: Proxmox then uses its disks and firmware, and defaults for all that matters here. */
export function startValues(values: ConfigValues): ConfigValues {
  return isSet(values, 'template') ? new Map([['kvm', '0']]) : values;
}

/** Perl takes `0` and the empty text for "no". */
export function isSet(values: ConfigValues, key: string): boolean {
  return isTrue(values.get(key));
}

export function isTrue(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '' && value !== '0';
}

/** A count that is 1 when it is unset or 0. */
export function countOrOne(values: ConfigValues, key: string): number {
  return Number(values.get(key) ?? 0) || 1;
}

/** A text used as a number: its numeric beginning counts, `1G` is 1 and `any` is 0. */
export function perlNumber(text: string): number {
  return Number(/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/.exec(text)?.[0] ?? 0);
}

/** A number used as text: 15 significant digits, `2730.66666666667`. */
export function encodePerlNumber(value: number): string {
  return `${Number(value.toPrecision(15))}`;
}

/** Configured memory in MiB, as written: `memory: current=8192` is `8192`. */
export function configuredMemory(values: ConfigValues): string {
  const text = values.get('memory');
  return (text === undefined ? null : parsePropertyString(text, MEMORY_FORMAT).get('current')) ?? DEFAULT_MEMORY;
}

export function hasMemoryHotplug(values: ConfigValues): boolean {
  return parseHotplugFeatures(values.get('hotplug')).has('memory');
}

/** Sockets as `-smp` counts them; `smp:` is an old name. */
export function countSockets(values: ConfigValues): number {
  return countOrOne(values, isSet(values, 'sockets') ? 'sockets' : 'smp');
}
