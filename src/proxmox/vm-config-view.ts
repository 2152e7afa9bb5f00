// A VM config as Proxmox reads it: which lines count, what they mean, and what it warns about.
import { ParseError } from '#domain/errors.ts';
import { decodeComment } from './config-comment.ts';
import { parseConfigValue, type ValueKind } from './config-value.ts';
import { trimSpace, trimSpaceEnd, trimValue } from './perl-space.ts';
import type { VmConfigSchema } from './vm-config-schema.ts';

export interface ConfigSection {
  /** By key, normalised; the description too. */
  readonly values: ReadonlyMap<string, string>;
  /** The line, from 1, that gave each value but the description. */
  readonly lineOf: ReadonlyMap<string, number>;
  /** `#` and `description:` lines. */
  readonly descriptionLines: readonly number[];
  /** Null for the main section, which has no header. */
  readonly headerLine: number | null;
}

export interface ConfigWarning {
  readonly line: number;
  /** In Proxmox's words, without its `vm 100 - `. */
  readonly message: string;
}

export interface VmConfigView {
  readonly main: ConfigSection;
  /** Null when there is no `[PENDING]`. */
  readonly pending: ConfigSection | null;
  /** `[special:cloudinit]` and `[special:fleecing]`. */
  readonly special: ReadonlyMap<string, ConfigSection>;
  readonly snapshots: ReadonlyMap<string, ConfigSection>;
  readonly warnings: readonly ConfigWarning[];
}

type Role = 'main' | 'pending' | 'cloudinit' | 'fleecing' | 'snapshot';

const PENDING_HEADER = /^\[PENDING\]$/i;
const SPECIAL_HEADER = /^\[[sS][pP][eE][cC][iI][aA][lL]:(cloudinit|fleecing)\]$/;
const SNAPSHOT_HEADER = /^\[([a-z][a-z0-9_-]+)\]$/i;
const OTHER_HEADER = /^\[([^\]]*)\]$/;
/** Proxmox finds this one anywhere in a line. */
const SNAPSTATE = /snapstate:[ \t\r\f\v]*(prepare|delete)$/;
const KEY_LINE = /^([a-z][a-z_-]*\d*):(.*)$/s;

/**
 * Reads `/etc/pve/qemu-server/VMID.conf` (one character per byte) by the rules of qemu-server's `parse_vm_config`.
 * Never throws: a line that means nothing is a warning, and is lost when Proxmox next writes the file.
 */
export function parseVmConfig(text: string, schema: VmConfigSchema): VmConfigView {
  const reader = new Reader(schema);
  text.split('\n').forEach((line, index) => {
    reader.read(line, index + 1);
  });
  return reader.finish();
}

interface KeyLine {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

class Section implements ConfigSection {
  readonly values = new Map<string, string>();
  readonly lineOf = new Map<string, number>();
  readonly descriptionLines: number[] = [];
  readonly headerLine: number | null;
  readonly role: Role;
  description: string | null = null;

  constructor(role: Role, headerLine: number | null) {
    this.role = role;
    this.headerLine = headerLine;
  }

  set(key: string, value: string, line: number): void {
    this.values.set(key, value);
    this.lineOf.set(key, line);
  }

  describe(text: string, line: number): void {
    this.description = (this.description ?? '') + text;
    this.descriptionLines.push(line);
  }

  finish(): void {
    if (this.description !== null) this.values.set('description', trimSpaceEnd(this.description));
  }
}

class Reader {
  readonly #schema: VmConfigSchema;
  readonly #main = new Section('main', null);
  #pending: Section | null = null;
  readonly #special = new Map<string, Section>();
  readonly #snapshots = new Map<string, Section>();
  readonly #warnings: ConfigWarning[] = [];
  /** Null inside a section that Proxmox skips. */
  #section: Section | null = this.#main;

  constructor(schema: VmConfigSchema) {
    this.#schema = schema;
  }

  read(text: string, line: number): void {
    const trimmed = trimSpaceEnd(text);
    if (trimmed === '' || this.#readHeader(trimmed, line) || this.#section === null) return;
    const section = this.#section;
    const [, key, rest = ''] = KEY_LINE.exec(text) ?? [];
    const snapstate = SNAPSTATE.exec(trimmed)?.[1];
    if (text.startsWith('#')) section.describe(`${decodeComment(text.slice(1))}\n`, line);
    else if (key === 'description' && trimSpace(rest) !== '') section.describe(decodeComment(trimSpace(rest)), line);
    else if (snapstate !== undefined) section.set('snapstate', snapstate, line);
    else if (key === undefined || rest === '') this.#warn(line, `unable to parse config: ${text}`);
    else this.#readValue(section, { key, value: trimValue(rest), line });
  }

  finish(): VmConfigView {
    this.#section?.finish();
    this.#main.values.delete('snapstate');
    return {
      main: this.#main,
      pending: this.#pending,
      special: this.#special,
      snapshots: this.#snapshots,
      warnings: this.#warnings,
    };
  }

  #warn(line: number, message: string): void {
    this.#warnings.push({ line, message });
  }

  #open(section: Section | null): void {
    this.#section?.finish();
    this.#section = section;
  }

  #readHeader(text: string, line: number): boolean {
    if (PENDING_HEADER.test(text)) {
      if (this.#pending) this.#warn(line, 'duplicate section: pending');
      this.#pending = new Section('pending', line);
      this.#open(this.#pending);
      return true;
    }
    const special = SPECIAL_HEADER.exec(text)?.[1];
    if (special === 'cloudinit' || special === 'fleecing') {
      if (this.#special.has(special)) this.#warn(line, `duplicate special section: ${special}`);
      this.#openNamed(this.#special, special, new Section(special, line));
      return true;
    }
    const snapshot = SNAPSHOT_HEADER.exec(text)?.[1];
    if (snapshot !== undefined) {
      if (this.#snapshots.has(snapshot)) this.#warn(line, `duplicate snapshot section: ${snapshot}`);
      this.#openNamed(this.#snapshots, snapshot, new Section('snapshot', line));
      return true;
    }
    const other = OTHER_HEADER.exec(text)?.[1];
    if (other === undefined) return false;
    this.#warn(line, `skipping unknown section: '${other}'`);
    this.#open(null);
    return true;
  }

  #openNamed(sections: Map<string, Section>, name: string, section: Section): void {
    sections.set(name, section);
    this.#open(section);
  }

  #readValue(section: Section, keyLine: KeyLine): void {
    const { key, value, line } = keyLine;
    const isDeletion = key === 'delete' && trimSpace(value) !== '';
    if (isDeletion && section.role !== 'pending') {
      this.#warn(line, `property 'delete' is only allowed in [PENDING]`);
    } else if (isDeletion || key === 'args' || section.role === 'cloudinit') {
      section.set(key, value, line);
    } else {
      this.#readCheckedValue(section, keyLine);
    }
  }

  #readCheckedValue(section: Section, { key, value, line }: KeyLine): void {
    try {
      const kind = this.#valueKind(key, section.role);
      if (kind === undefined) throw new ParseError(`unknown setting '${key}'`);
      section.set(key === 'cdrom' ? 'ide2' : key, parseConfigValue(value, kind), line);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      this.#warn(line, `unable to parse value of '${key}' - ${error.message}`);
    }
  }

  #valueKind(key: string, role: Role): ValueKind | undefined {
    if (role === 'fleecing') return key === 'fleecing-images' ? 'unchecked' : undefined;
    return this.#schema.valueKind(key);
  }
}
