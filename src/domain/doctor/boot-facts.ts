// Facts of findings about kernel parameters: where they are written, and whether they count.

export interface BootFacts {
  /** `loader`: the one that boots this host, which does not read the file that they are in. */
  'boot-loader-unused': { readonly loader: 'grub' | 'systemd-boot'; readonly parameters: readonly string[] };
  /** Assigned to a variable of GRUB that a later line assigns anew. */
  'boot-parameter-overridden': { readonly parameters: readonly string[] };
  'boot-parameter-pending': { readonly loader: 'grub' | 'systemd-boot'; readonly parameters: readonly string[] };
  'boot-parameter-vanishing': { readonly loader: 'grub' | 'systemd-boot'; readonly parameters: readonly string[] };
  /** Words below the first line of `/etc/kernel/cmdline`. */
  'kernel-cmdline-later-lines': { readonly parameters: readonly string[] };
  /** hides-nodes: the kernel sees one NUMA node. polls: an idle CPU never rests, nor lets its sibling have the core. */
  'boot-parameter-harmful': { readonly parameter: string; readonly harm: 'hides-nodes' | 'polls' };
}
