// Amounts of memory as people read them.

/** `62.9 GiB`, `512 MiB`; whole numbers without a fraction. */
export function renderMib(mib: number): string {
  if (mib < 1024) return `${mib} MiB`;
  const [amount, unit] = mib < 1024 * 1024 ? [mib / 1024, 'GiB'] : [mib / 1024 / 1024, 'TiB'];
  return `${amount.toFixed(1).replace(/\.0$/, '')} ${unit}`;
}

/** Cache sizes: `512 KiB`, `1.5 MiB`, `96 MiB`. */
export const renderKib = (kib: number): string =>
  kib < 1024 ? `${kib} KiB` : `${(kib / 1024).toFixed(1).replace(/\.0$/, '')} MiB`;

/** Huge page sizes as Proxmox names them: `2M`, `1G`. */
export function renderPageSize(kib: number): string {
  if (kib < 1024) return `${kib}K`;
  return kib < 1024 * 1024 ? `${kib / 1024}M` : `${kib / 1024 / 1024}G`;
}
