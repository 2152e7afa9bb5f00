// The one file of each boot loader that Berth writes kernel parameters into, how, and what makes the loader take them.
import type { BootLoader } from '#domain/boot-isolation.ts';
import { bootWords } from './boot-words.ts';

/** Late by name, since a later file of `grub.d` may assign the variable anew. */
export const GRUB_SNIPPET = '/etc/default/grub.d/zz-berth.cfg';
export const KERNEL_LINE = '/etc/kernel/cmdline';

export interface BootFile {
  readonly path: string;
  /** Run after each change of the file. */
  readonly command: readonly [string, ...string[]];
  /** What the command makes for the loader, where it can be read again; partitions of proxmox-boot-tool are not mounted. */
  readonly made: string | null;
}

export const BOOT_FILES: Readonly<Record<BootLoader, BootFile>> = {
  grub: { path: GRUB_SNIPPET, command: ['update-grub'], made: '/boot/grub/grub.cfg' },
  'grub-on-esp': { path: GRUB_SNIPPET, command: ['proxmox-boot-tool', 'refresh'], made: null },
  'systemd-boot': { path: KERNEL_LINE, command: ['proxmox-boot-tool', 'refresh'], made: null },
};

const VARIABLE = 'GRUB_CMDLINE_LINUX_DEFAULT';

/** Null without words. The variable is that of ordinary entries, so the ones for recovery start without the parameters. */
export function encodeGrubSnippet(words: readonly string[]): string | null {
  if (words.length === 0) return null;
  return [
    '# Written by `berth isolate`; `berth isolate --undo` takes it away. Entries for recovery start without these parameters.',
    `${VARIABLE}="$${VARIABLE} ${words.join(' ')}"`,
    '',
  ].join('\n');
}

/** Of a text that `encodeGrubSnippet` made; words that somebody has added are found as well, those of another form than ours are not. */
export function parseGrubSnippet(text: string): readonly string[] {
  const value = new RegExp(`^${VARIABLE}="\\$${VARIABLE} ([^"]*)"`, 'm').exec(text)?.[1];
  return bootWords(value ?? '').filter(word => /^[\w.,:=-]+$/.test(word));
}

/**
 * Takes words out of the first line of `/etc/kernel/cmdline`, which is all that the loader gets, and puts others at its end; everything
 * else, the end of the line too, stays byte by byte.
 */
export function editKernelLine(text: string, remove: readonly string[], add: readonly string[]): string {
  const end = /\r?\n|$/.exec(text)?.index ?? text.length;
  const line = remove.reduce(withoutWord, text.slice(0, end));
  const [, kept = '', space = ''] = /^(.*?)([ \t]*)$/s.exec(line) ?? [];
  return [kept, ...add].join(' ') + space + text.slice(end);
}

/** With the blanks before it: so what was added at the end is taken away as if it had never been there. */
function withoutWord(line: string, word: string): string {
  const found = [...line.matchAll(/[ \t]*((?:[^\s"]|"[^"]*")+)/g)].findLast(([, one]) => one === word);
  return found === undefined ? line : line.slice(0, found.index) + line.slice(found.index + found[0].length);
}
