// Proxmox's sectioned files of the cluster: storage.cfg, ha/*.cfg, mapping/*.cfg.

/** `dir: local` with its indented lines; mappings have a header without a type. */
export interface FileSection {
  readonly type: string | null;
  readonly id: string;
  /** Key → its values in order: a key may be repeated, and one without a value (`disable`) has an empty text. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads `type: id` headers, each with indented `key value` lines; `#` begins a comment line.
 * Never throws: a line that belongs to no section is left out, as Proxmox does with a warning.
 */
export function parseSections(text: string): readonly FileSection[] {
  const sections: { type: string | null; id: string; values: Map<string, string[]> }[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    if (!/^\s/.test(line)) {
      const [, type = null, id = ''] = /^(?:([\w-]+):)?\s*(\S+)\s*$/.exec(line) ?? [];
      if (id !== '') sections.push({ type, id, values: new Map() });
      continue;
    }
    const [, key = '', value = ''] = /^\s+(\S+)(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    const values = sections.at(-1)?.values;
    values?.set(key, [...(values.get(key) ?? []), value]);
  }
  return sections;
}

/** The last value of a key, as Proxmox takes it; null when it is not set. */
export const sectionValue = ({ values }: FileSection, key: string): string | null => values.get(key)?.at(-1) ?? null;

/** `pve1,pve2:3` → names, priorities left out. */
export const splitNodes = (text: string): readonly string[] =>
  text
    .split(/[\s,;]/)
    .map(entry => entry.replace(/:.*/, ''))
    .filter(name => name !== '');
