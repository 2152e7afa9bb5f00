// Which versions of Proxmox VE are worth a word before a plan.
import { describe, expect, it } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { openHost } from '#host/open-host.ts';
import { tellUntriedVersion } from './tell-untried-version.ts';

/** What is said on a node whose pve-manager has this module. */
function sayFor(files: Readonly<Record<string, string>>): string {
  let said = '';
  const tell = (text: string) => {
    said += text;
  };
  tellUntriedVersion({ host: openHost(makeTemporaryTree(files)), tell });
  return said;
}

const pveManager = (version: string) => ({
  'usr/share/perl5/PVE/pvecfg.pm': `sub version {\n    return '${version}';\n}\n`,
});

describe('tellUntriedVersion()', () => {
  it.each(['10.0.1', '7.4-3'])('names %s', version => {
    expect(sayFor(pveManager(version))).toMatch(new RegExp(`^Proxmox VE ${version} is not one .* look twice`));
  });

  it('says that a version cannot be told', () => {
    expect(sayFor(pveManager('?'))).toContain('Proxmox VE of an unknown version is not one');
  });

  it.each([
    ['8', pveManager('8.4.1')],
    ['9', pveManager('9.0.3')],
    ['a machine without Proxmox VE', {}],
  ])('says nothing on %s', (_, files) => {
    expect(sayFor(files)).toBe('');
  });
});
