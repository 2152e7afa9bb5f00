// What a kernel was built with, as far as isolation goes.
import type { KernelAbilities } from '#domain/boot-isolation.ts';

export interface KernelSigns {
  /** `uname -r`. */
  readonly release: string;
  /** `/boot/config-RELEASE`, or what `/proc/config.gz` holds; null where neither is there. */
  readonly config: string | null;
  /** `/sys/devices/system/cpu/nohz_full` is there: kernels without the option have no such file. */
  readonly hasNohzFile: boolean;
}

/** `hugepages=NODE:COUNT` came with this one. */
const BY_NODE: readonly [major: number, minor: number] = [5, 16];

export function makeKernelAbilities({ release, config, hasNohzFile }: KernelSigns): KernelAbilities {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const option = (name: string) => (config === null ? null : new RegExp(`^CONFIG_${name}=y$`, 'm').test(config));
  const nohzFull = hasNohzFile || option('NO_HZ_FULL');
  return {
    release,
    nohzFull,
    // Whoever builds the one gets the other.
    rcuNocbs: nohzFull === true || option('RCU_NOCB_CPU'),
    hugepagesByNode: major > BY_NODE[0] || (major === BY_NODE[0] && minor >= BY_NODE[1]),
  };
}
