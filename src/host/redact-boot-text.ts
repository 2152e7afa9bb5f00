// What a capture keeps of boot parameters and of the settings of services: words and values that are known to tell nothing else.
import { isGuestParameter } from '#boot/boot-config.ts';
import { REDACTED } from '#proxmox/redact-config-value.ts';

const HARMLESS_VALUE = /^[\w.,:;/+*-]*$/;

/** Words of a kernel command line, where they stood. */
export function redactCommandLine(text: string): string {
  return text.replaceAll(/(?:[^\s"]|"[^"]*")+/g, redactWord);
}

/** By these a boot loader is known, and its first line. */
const KEPT_STARTS = ['root=', 'BOOT_IMAGE=', 'initrd=\\EFI\\'];

/** A reference to another of GRUB's variables stays one. */
function redactWord(word: string): string {
  if (/^\$\{?GRUB_CMDLINE\w*\}?$/.test(word)) return word;
  const [, ...value] = word.replaceAll('"', '').split('=');
  if (isGuestParameter(word.replaceAll('"', '')) && HARMLESS_VALUE.test(value.join('='))) return word;
  const kept = KEPT_STARTS.find(start => word.startsWith(start)) ?? '';
  return `${kept}${REDACTED}`;
}

const GRUB_LINE = /^(\s*(?:export\s+)?GRUB_CMDLINE\w*\+?=["']?)(.*)$/;

/** Of `/etc/default/grub` the lines with kernel parameters; all others are empty, so that line numbers stay. */
export function redactGrub(text: string): string {
  return mapLines(text, line => {
    const [, start, words = ''] = GRUB_LINE.exec(line) ?? [];
    if (start === undefined) return '';
    const quote = /["']$/.exec(start)?.[0] ?? '';
    const end = quote === '' ? words.length : words.indexOf(quote);
    const value = end < 0 ? words : words.slice(0, end);
    return `${start}${value.replaceAll(/[^\s"']+/g, redactWord)}${quote}`;
  });
}

/** Whole lines of that form; the others become empty. */
export const keepLines =
  (form: RegExp) =>
  (text: string): string =>
    mapLines(text, line => (form.test(line) ? line : ''));

export function mapLines(text: string, change: (line: string) => string): string {
  return text.split('\n').map(change).join('\n');
}
