// A guest config for a bug report: line for line what Berth understands of it, and nothing that names, tells or opens anything.
import { ParseError } from '#domain/errors.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { VmId } from '#domain/ids.ts';
import { trimSpace, trimSpaceEnd, trimValue } from './perl-space.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { REDACTED, redactConfigValue } from './redact-config-value.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';

const HEADER = /^\[([^\]]*)\]$/;
const OWN_HEADER = /^(PENDING|pve:pending|special:(cloudinit|fleecing))$/i;
const SNAPSHOT_NAME = /^[a-z][a-z0-9_-]+$/i;
/** Keys of VMs may hold dashes. */
const KEY_LINES = { vm: /^([a-z][a-z_-]*\d*):(.+)$/s, container: /^([a-z][a-z_]*\d*):(.+)$/s };
const LXC_LINE = /^(lxc\.[a-z0-9_.-]+)(?::|[ \t\r\f\v]*=)(.*)$/s;

/** What a tutorial made people write although there is no such key: Berth warns of it, so it stays. */
const MISTAKEN_KEY = /^(affinity\d+|cpu-?affinity\d*|cpu-?pin(ning)?\d*|vcpu-?(pin|affinity)\d*|taskset)$/;
const NUMBER_LIST = /^[\d,-]+$/;

/** Numbers that only containers have. */
const CONTAINER_NUMBERS = ['console', 'debug', 'swap', 'tty', 'unprivileged'];

interface Redaction {
  readonly kind: 'vm' | 'container';
  readonly vmid: VmId;
  readonly names: Pseudonyms;
}

/** Line numbers stay, so that warnings of both texts can be compared. */
export function redactGuestConfig(text: string, redaction: Redaction): string {
  return text
    .split('\n')
    .map(line => redactLine(line, redaction))
    .join('\n');
}

function redactLine(line: string, { kind, vmid, names }: Redaction): string {
  const trimmed = trimSpaceEnd(line);
  if (trimmed === '') return '';
  if (line.startsWith('#')) return `#${REDACTED}`;
  const header = HEADER.exec(trimmed)?.[1];
  if (header !== undefined) return `[${redactHeader(header, names)}]`;
  const [, lxcKey, lxcValue = ''] = (kind === 'container' && LXC_LINE.exec(line)) || [];
  if (lxcKey !== undefined) return redactLxcLine(lxcKey, trimSpace(lxcValue));
  const [, key, rest = ''] = KEY_LINES[kind].exec(line) ?? [];
  if (key === undefined) return REDACTED;
  const value = trimValue(rest);
  if (key === 'name' || key === 'hostname') return `${key}: ${redactName(value, vmid)}`;
  if (kind === 'container' && CONTAINER_NUMBERS.includes(key)) {
    return `${key}: ${/^[\d.]+$/.test(value) ? value : REDACTED}`;
  }
  if (MISTAKEN_KEY.test(key) && NUMBER_LIST.test(value)) return `${key}: ${value}`;
  const isKnown = key === 'delete' || key === 'snapstate' || VM_CONFIG_SCHEMA.valueKind(key) !== undefined;
  return isKnown ? `${key}: ${redactConfigValue(key, value, names)}` : `${REDACTED}: ${REDACTED}`;
}

/** A header that Proxmox does not understand stays one: it never begins with a digit. */
function redactHeader(name: string, names: Pseudonyms): string {
  if (OWN_HEADER.test(name)) return name;
  return SNAPSHOT_NAME.test(name) ? names.of('snapshot', name) : '0';
}

/** A name that Proxmox would drop stays one that it drops. */
const redactName = (value: string, vmid: VmId): string => (/^[a-z0-9.-]+$/i.test(value) ? `guest-${vmid}` : '_');

function redactLxcLine(key: string, value: string): string {
  if (key !== 'lxc.cgroup2.cpuset.cpus') return `lxc.${REDACTED}: ${REDACTED}`;
  try {
    parseCpuList(value);
    return `${key}: ${value}`;
  } catch (error) {
    if (error instanceof ParseError) return `${key}: ${REDACTED}`;
    throw error;
  }
}
