// A container's config → the guest that it describes.
import { ParseError } from '#domain/errors.ts';
import type { ContainerGuest } from '#domain/guest.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import { parseConfigValue, splitList, type ValueKind } from './config-value.ts';
import { encodeConfigWarning, type GuestConfigFile } from './guest-config-file.ts';
import { trimSpace, trimValue } from './perl-space.ts';

const CONTAINER_CPUSET_KEY = 'lxc.cgroup2.cpuset.cpus';

const DEFAULT_MEMORY_MIB = 512;

/** The keys that matter here; every other line of the main section only has to look like one. */
const KINDS: ReadonlyMap<string, ValueKind> = new Map([
  ['cores', 'integer'],
  ['hostname', 'dns-name'],
  ['lock', 'unchecked'],
  ['memory', 'integer'],
  ['tags', 'unchecked'],
  ['template', 'boolean'],
]);

/**
 * The container as its main section describes it, with Proxmox's defaults. Containers carry no identity in their config.
 * Never throws: a line that Proxmox drops, or a CPU list that we cannot read, is a warning.
 */
export function parseContainerGuest(file: GuestConfigFile): {
  readonly guest: Omit<ContainerGuest, 'runtime'>;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const values = readMainSection(file.text, (line, message) => {
    warnings.push(encodeConfigWarning(line, message));
  });
  const guest: Omit<ContainerGuest, 'runtime'> = {
    kind: 'container',
    vmid: file.vmid,
    name: values.get('hostname') ?? null,
    tags: splitList(values.get('tags') ?? ''),
    configPath: file.configPath,
    digest: file.digest,
    text: file.text,
    raw: new Map([...values].filter(([key]) => key === CONTAINER_CPUSET_KEY)),
    pending: new Map(),
    identity: { uuid: null, vmgenid: null, createdAt: null },
    memoryMiB: Number(values.get('memory') ?? DEFAULT_MEMORY_MIB),
    lock: values.get('lock') ?? null,
    template: values.get('template') === '1',
    cores: Number(values.get('cores') ?? 0) || null,
    cpuset: readCpuset(values.get(CONTAINER_CPUSET_KEY)),
  };
  return { guest, warnings };
}

type Warn = (line: number, message: string) => void;

const HEADER = /^\[(?:pve:pending|[a-z][a-z0-9_-]+)\][ \t\r\f\v]*$/i;
const LXC_LINE = /^(lxc\.[a-z0-9_.-]+)(?::|[ \t\r\f\v]*=)(.*)$/s;
const KEY_LINE = /^([a-z][a-z_]*\d*):(.+)$/s;

/** The last good value of each key that matters. */
function readMainSection(text: string, warn: Warn): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const lines = text.split('\n');
  const header = lines.findIndex(line => HEADER.test(line));
  for (const [index, line] of (header === -1 ? lines : lines.slice(0, header)).entries()) {
    if (line.startsWith('#') || trimSpace(line) === '') continue;
    const [, key, raw] = LXC_LINE.exec(line) ?? KEY_LINE.exec(line) ?? [];
    try {
      if (key === undefined || raw === undefined) throw new ParseError(`unable to parse config: ${line}`);
      const value = readValue(key, raw);
      if (value !== null) values.set(key, value);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      warn(index + 1, error.message);
    }
  }
  return values;
}

/** Null for keys that do not matter here. */
function readValue(key: string, raw: string): string | null {
  if (key === CONTAINER_CPUSET_KEY) {
    parseCpuList(trimSpace(raw));
    return trimSpace(raw);
  }
  const kind = KINDS.get(key);
  return kind === undefined ? null : parseConfigValue(trimValue(raw), kind);
}

function readCpuset(value: string | undefined): CpuSet | null {
  return value === undefined || value === '' ? null : parseCpuList(value);
}
