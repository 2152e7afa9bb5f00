// One value of a VM config: the checks and the normalising that Proxmox does when it reads or writes the file.
import { assertNever, ParseError } from '#domain/errors.ts';
import { parseCpusetRanges } from './cpuset.ts';
import { NUMA_FORMAT } from './numa-line.ts';
import { type PropertyFormat, parsePropertyString } from './property-string.ts';

/** `text` has no format: quotes around it go. `unchecked` has one that we do not judge: it is taken as it is. */
export type ValueKind =
  | 'boolean'
  | 'integer'
  | 'number'
  | 'text'
  | 'unchecked'
  | 'cpuset'
  | 'memory'
  | 'numa-node'
  | 'hotplug'
  | 'dns-name';

/** `8192` or `current=8192`, in MiB. */
export const MEMORY_FORMAT: PropertyFormat = {
  properties: { current: { type: 'integer', minimum: 16 } },
  defaultKey: 'current',
};

const HOTPLUG_FEATURES = /^(network|disk|cpu|memory|usb|cloudinit)$/;
const DNS_LABEL = '[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DNS_NAME = new RegExp(`^(${DNS_LABEL}\\.)*${DNS_LABEL}$`);

/**
 * The value as Proxmox keeps it: `yes` becomes `1`, `007` becomes `7`. Limits, enumerations and patterns are not looked at here:
 * Proxmox enforces those for `qm set` only, so a file may hold `hugepages: 512`.
 * @throws ParseError in Proxmox's words when it would drop the line.
 */
export function parseConfigValue(value: string, kind: ValueKind): string {
  if (/[\n\r]/.test(value)) throw new ParseError('property contains a line feed');
  switch (kind) {
    case 'boolean':
      if (/^(1|on|yes|true)$/i.test(value)) return '1';
      if (/^(0|off|no|false)$/i.test(value)) return '0';
      throw typeError(kind, value);
    case 'integer':
      if (!/^\d+$/.test(value)) throw typeError(kind, value);
      return BigInt(value).toString();
    case 'number':
      if (!/^\d+(\.\d+)?$/.test(value)) throw typeError(kind, value);
      return value;
    case 'text':
      return value.replace(/^"(.*)"$/s, '$1');
    case 'unchecked':
      return value;
    case 'cpuset':
      return accept(value, isCpuset(value), 'unable to parse cpuset option');
    case 'memory':
      parsePropertyString(value, MEMORY_FORMAT);
      return value;
    case 'numa-node':
      parsePropertyString(value, NUMA_FORMAT);
      return value;
    case 'hotplug':
      parseHotplugFeatures(value);
      return value;
    case 'dns-name':
      return accept(value, DNS_NAME.test(value), 'value does not look like a valid DNS name');
    default:
      return assertNever(kind);
  }
}

/** What can be changed while a VM runs. `1` and nothing at all mean `network,disk,usb`; `0` means nothing. */
export function parseHotplugFeatures(value = '1'): ReadonlySet<string> {
  if (value === '0') return new Set();
  const features = splitList(value === '1' ? 'network,disk,usb' : value);
  const unknown = features.find(feature => !HOTPLUG_FEATURES.test(feature));
  if (unknown !== undefined) throw new ParseError(`invalid hotplug feature '${unknown}'`);
  return new Set(features);
}

/** The keys that `delete` takes away from what is pending: `numa,!affinity`; `!` says to force it. */
export function parseDeletions(value = ''): readonly string[] {
  return splitList(value).map(key => key.replace(/^!/, ''));
}

/** Proxmox's lists of words: separated by commas, semicolons, spaces or NULs. */
export function splitList(value: string): readonly string[] {
  return value.split(/[,;\0 \t\n\r\f\v]/).filter(entry => entry !== '');
}

const typeError = (type: string, value: string) => new ParseError(`type check ('${type}') failed - got '${value}'`);

function accept(value: string, valid: boolean, message: string): string {
  if (!valid) throw new ParseError(message);
  return value;
}

function isCpuset(value: string): boolean {
  try {
    parseCpusetRanges(value);
    return true;
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}
