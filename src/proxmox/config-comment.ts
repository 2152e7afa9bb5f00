// How Proxmox keeps a description in the `#` lines of a config: percent-encoded UTF-8.

/**
 * `100%25 done` → `100% done`; the result is bytes, one per character.
 * Proxmox replaces bytes that are not UTF-8 by U+FFFD; we keep them, because no description made through it has any.
 */
export function decodeComment(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Escapes control characters, bytes above ASCII, `%` and `:`. */
export function encodeComment(bytes: string): string {
  return bytes.replace(
    /[^\x20-\x24\x26-\x39\x3b-\x7e]/g,
    byte => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
