// The program that the firmware started, from its variables.

/** In `/sys/firmware/efi/efivars`; `BootCurrent` names the entry that was taken. */
const VENDOR = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
export const BOOT_CURRENT = `BootCurrent-${VENDOR}`;

/** Each variable begins with four bytes of attributes; then the number of the entry, lowest byte first. Null for anything shorter. */
export function parseBootCurrent(text: string): string | null {
  const [low, high] = [text.charCodeAt(4), text.charCodeAt(5)];
  if (Number.isNaN(low) || Number.isNaN(high)) return null;
  return `Boot${(low + high * 256).toString(16).toUpperCase().padStart(4, '0')}-${VENDOR}`;
}

/** The path within its partition, which the entry has in UTF-16: `\EFI\systemd\systemd-bootx64.efi`. Null for entries of disks and networks. */
export function parseBootEntry(text: string): string | null {
  return /\\EFI\\[\w.\\-]+\.efi/i.exec(text.replaceAll('\0', ''))?.[0] ?? null;
}
