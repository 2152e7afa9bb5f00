// Config values without names and secrets: what is listed here is kept, everything else becomes one word.
import { ParseError } from '#domain/errors.ts';
import { parseConfigValue, splitList, type ValueKind } from './config-value.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { storageName } from './redact-sections.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';

export const REDACTED = 'redacted';

/** Kinds whose values hold nothing but numbers and words of Proxmox's own, when they are well-formed. */
const HARMLESS_KINDS: readonly ValueKind[] = ['boolean', 'integer', 'number', 'cpuset', 'memory', 'hotplug'];

/** Single words, by key. */
const KEPT_WORDS: ReadonlyMap<string, RegExp> = new Map([
  ['arch', /^(x86_64|aarch64|amd64|i386|arm64|armhf|riscv32|riscv64)$/],
  ['bios', /^(seabios|ovmf)$/],
  ['hugepages', /^(any|\d+)$/],
  ['lock', /^(backup|clone|create|destroyed|disk|fstrim|migrate|mounted|rollback|snapshot(-delete)?|suspend(ed|ing))$/],
  ['machine', /^(pc|q35|virt)(-i440fx|-q35)?(-\d+\.\d+)?(\+pve\d+)?$/],
  ['ostype', /^(l2[46]|w(xp|vista|2k\d*|\d+)|win\d+|solaris|other)$/],
  ['scsihw', /^(lsi(53c810)?|virtio-scsi-(pci|single)|megasas|pvscsi)$/],
  ['snapstate', /^(prepare|delete)$/],
]);

const DRIVES = ['ide', 'sata', 'scsi', 'virtio'];

/** Parts between commas, by family of keys; parts of other forms go. */
const KEPT_PARTS: ReadonlyMap<string, RegExp> = new Map([
  ['cpu', /^((cputype=)?(?!custom-)[a-z][\w-]*|flags=[+-][\w+;-]*|hidden=[01]|phys-bits=(host|\d+))$/i],
  ['hostpci', /^((host=)?([0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}(\.[0-7])?|(pcie|rombar|x-vga)=[01])$/i],
  ['meta', /^(creation-qemu=[\d.]+|ctime=\d+)$/],
  ['net', /^((virtio|e1000e?|rtl8139|vmxnet3)|queues=\d+)$/],
  ...DRIVES.map(drive => [drive, /^(iothread=[01]|media=(cdrom|disk))$/] as const),
]);

/**
 * The value of a main-section key of a VM, or of a container where the key means the same.
 * A value that Proxmox would not accept stays unacceptable, without its text.
 */
export function redactConfigValue(key: string, value: string, names: Pseudonyms): string {
  if (key === 'tags')
    return splitList(value)
      .map(tag => names.of('tag', tag))
      .join(';');
  if (key === 'delete') return redactDeletions(value);
  if (key === 'vmgenid') return /^[01]$/.test(value) ? value : names.of('uuid', value);
  if (key === 'smbios1') return redactSmbios(value, names);
  if (key === 'hookscript') return redactHookscript(value, names);
  if (/^numa\d$/.test(key)) return redactNumaLine(value);
  const kind = VM_CONFIG_SCHEMA.valueKind(key);
  if (kind !== undefined && HARMLESS_KINDS.includes(kind)) return isWellFormed(value, kind) ? value : REDACTED;
  if (KEPT_WORDS.get(key)?.test(value) === true) return value;
  return redactParts(key, value, names);
}

/** `local:snippets/pin.pl`: which storage it is on matters, and whether the file is there. */
function redactHookscript(value: string, names: Pseudonyms): string {
  const [, storage, file] = /^([^:]+):snippets\/([^/]+)$/.exec(value) ?? [];
  if (storage === undefined || file === undefined) return REDACTED;
  return `${storageName(storage, names)}:snippets/${names.of('file', file)}`;
}

/** Also of a line that Proxmox drops: which part it cannot read is what matters. */
function redactNumaLine(value: string): string {
  const kept = /^((cpus|hostnodes)=[\d;-]+|memory=[\d.]+|policy=(preferred|bind|interleave|strict|default)|\d+)$/;
  return value
    .split(',')
    .map(part => (kept.test(part) ? part : REDACTED))
    .join(',');
}

function redactParts(key: string, value: string, names: Pseudonyms): string {
  const family = key.replace(/\d+$/, '');
  const mapping = family === 'hostpci' ? /(?:^|,)mapping=([^,]+)/.exec(value)?.[1] : undefined;
  const kept = KEPT_PARTS.get(family);
  if (kept === undefined) return REDACTED;
  // A network card is written `virtio=MAC`, a drive begins with its volume.
  const parts = value
    .split(',')
    .map(part => (family === 'net' ? part.replace(/^(model=)?([a-z0-9]+)=.*:.*$/i, '$2') : part));
  const first = DRIVES.includes(family)
    ? [REDACTED]
    : mapping === undefined
      ? []
      : [`mapping=${names.of('mapping', mapping)}`];
  return [...first, ...parts.filter(part => kept.test(part))].join(',') || REDACTED;
}

/** Serial numbers and the like go; the uuid says only whether it is the same guest. */
function redactSmbios(value: string, names: Pseudonyms): string {
  const uuid = value
    .split(',')
    .find(part => part.startsWith('uuid='))
    ?.slice('uuid='.length);
  return uuid === undefined || uuid === '' ? REDACTED : `uuid=${names.of('uuid', uuid)}`;
}

/** Names of keys, of which Proxmox's own are harmless. */
function redactDeletions(value: string): string {
  const keys = splitList(value).filter(key => VM_CONFIG_SCHEMA.valueKind(key.replace(/^!/, '')) !== undefined);
  return keys.join(',') || REDACTED;
}

function isWellFormed(value: string, kind: ValueKind): boolean {
  try {
    parseConfigValue(value, kind);
    return true;
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}
