// What a kernel can do, by its configuration, its files and its version.
import { describe, expect, it } from 'vitest';
import { makeKernelAbilities } from './kernel-abilities.ts';

const able = (config: string | null, hasNohzFile = false) => {
  const { nohzFull, rcuNocbs } = makeKernelAbilities({ release: '6.8.12-4-pve', config, hasNohzFile });
  return { nohzFull, rcuNocbs };
};

describe('makeKernelAbilities()', () => {
  it.each([
    ['both', 'CONFIG_NO_HZ_FULL=y\nCONFIG_RCU_NOCB_CPU=y\n', true, true],
    ['neither', '# CONFIG_NO_HZ_FULL is not set\nCONFIG_HZ=250\n', false, false],
    ['callbacks alone', 'CONFIG_RCU_NOCB_CPU=y\n', false, true],
    ['a name that only begins so', 'CONFIG_NO_HZ_FULL_ALL=y\n', false, false],
  ])('reads %s from its configuration', (_, config, nohzFull, rcuNocbs) => {
    expect(able(config)).toEqual({ nohzFull, rcuNocbs });
  });

  it('takes the file in sysfs for a sign where there is no configuration', () => {
    expect(able(null, true)).toEqual({ nohzFull: true, rcuNocbs: true });
  });

  it('does not know without either', () => {
    expect(able(null)).toEqual({ nohzFull: null, rcuNocbs: null });
  });

  it.each([
    ['5.15.158-2-pve', false],
    ['5.16.0-1-pve', true],
    ['6.1.0-52-amd64', true],
    ['4.19.0', false],
    ['', false],
  ])('knows whether %s takes pages by node', (release, byNode) => {
    expect(makeKernelAbilities({ release, config: null, hasNohzFile: false }).hugepagesByNode).toBe(byNode);
  });
});
