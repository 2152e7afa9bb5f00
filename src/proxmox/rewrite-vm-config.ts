// What Proxmox leaves of a VM config when it writes it, for whatever reason: `qm set`, a snapshot, a migration, a lock.
import { encodeComment } from './config-comment.ts';
import { parseConfigValue } from './config-value.ts';
import { driveVolumes, type VmConfigSchema } from './vm-config-schema.ts';
import { type ConfigSection, parseVmConfig, type VmConfigView } from './vm-config-view.ts';

type Values = ReadonlyMap<string, string>;

/** One section of the written file; the main one has no header. */
export interface WrittenSection {
  readonly source: ConfigSection;
  readonly header: string | null;
  /** The `#` lines. */
  readonly description: readonly string[];
  readonly values: Values;
}

/** The file after its next rewrite: keys sorted, values normalised, everything that Proxmox does not understand gone. */
export function rewriteVmConfig(text: string, schema: VmConfigSchema): string {
  return encodeVmConfig(parseVmConfig(text, schema), schema);
}

export function encodeVmConfig(view: VmConfigView, schema: VmConfigSchema): string {
  return makeWrittenSections(view, schema).map(encodeSection).join('\n');
}

/** The sections in the order of the file. */
export function makeWrittenSections(view: VmConfigView, schema: VmConfigSchema): readonly WrittenSection[] {
  const main = cleanMain(normalise(view.main.values, schema), driveVolumes(view.pending?.values ?? new Map()));
  const sections = [makeSection(view.main, null, main)];
  if (view.pending && view.pending.values.size > 0) {
    sections.push(makeSection(view.pending, '[PENDING]', normalise(view.pending.values, schema)));
  }
  for (const [name, special] of sortByName(view.special)) {
    if (name === 'cloudinit' && !schema.keepsCloudInit(main)) continue;
    sections.push(makeSection(special, `[special:${name}]`, special.values));
  }
  for (const [name, snapshot] of sortByName(view.snapshots)) {
    sections.push(makeSection(snapshot, `[${name}]`, normalise(snapshot.values, schema)));
  }
  return sections;
}

function makeSection(source: ConfigSection, header: string | null, values: Values): WrittenSection {
  const kept = [...values].filter(([key]) => key !== 'description');
  return {
    source,
    header,
    description: describe(values.get('description'), header),
    values: new Map(sortByName(kept)),
  };
}

/** An empty description is kept only in [PENDING], where it means "remove it". Perl takes `0` for empty. */
function describe(description: string | undefined, header: string | null): readonly string[] {
  if (description === undefined) return [];
  if (description === '' || description === '0') return header === '[PENDING]' ? ['#'] : [];
  return description
    .replace(/\n+$/, '')
    .split('\n')
    .map(line => `#${encodeComment(line)}`);
}

function encodeSection({ header, description, values }: WrittenSection): string {
  const lines = [...(header === null ? [] : [header]), ...description];
  for (const [key, value] of values) lines.push(`${key}: ${value}`);
  return lines.map(line => `${line}\n`).join('');
}

/** Proxmox checks the values once more before it writes them, so that doubled quotes go one by one. */
function normalise(values: Values, schema: VmConfigSchema): Values {
  return new Map(
    [...values].map(([key, value]) => {
      const kind = key === 'description' ? undefined : schema.valueKind(key);
      return [key, kind === undefined ? value : parseConfigValue(value, kind)];
    }),
  );
}

/** Turns the old `smp` into `sockets`, and forgets unused volumes that are in use. */
function cleanMain(values: Values, pendingVolumes: readonly string[]): Values {
  const clean = new Map(values);
  const smp = clean.get('smp') ?? '0';
  if ((clean.get('sockets') ?? '0') !== '0') {
    clean.delete('smp');
  } else if (smp !== '0') {
    clean.set('sockets', smp);
    clean.delete('cores');
    clean.delete('smp');
  }
  const used = new Set([...driveVolumes(values), ...pendingVolumes]);
  for (const [key, value] of values) {
    if (/^unused\d+$/.test(key) && used.has(value)) clean.delete(key);
  }
  return clean;
}

function sortByName<Value>(entries: Iterable<readonly [string, Value]>): (readonly [string, Value])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
