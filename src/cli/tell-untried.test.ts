// What is said of versions that Berth was not built for, and what goes into the JSON.
import { describe, expect, it } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { openHost } from '#host/open-host.ts';
import { tellUntried } from './tell-untried.ts';

function tellFor(files: Readonly<Record<string, string>>) {
  let said = '';
  const tell = (text: string) => {
    said += text;
  };
  return { json: tellUntried({ host: openHost(makeTemporaryTree(files)), tell }), said };
}

const pveManager = (version: string) => ({
  'usr/share/perl5/PVE/pvecfg.pm': `sub version {\n    return '${version}';\n}\n`,
});

describe('tellUntried()', () => {
  it.each([
    ['10.0.1', pveManager('10.0.1'), /^Proxmox VE 10\.0\.1 is not one .* look twice at every plan\n$/],
    ['no version', pveManager('?'), /^Proxmox VE of an unknown version is not one/],
    ['kernel 8', { 'proc/sys/kernel/osrelease': '8.1.0-pve\n' }, /^Kernel 8\.1\.0-pve is not one .* `berth verify`/],
  ])('says it of %s, and puts it into the JSON', (_, files, words) => {
    const { json, said } = tellFor(files);
    expect(said).toMatch(words);
    expect(json.untried).toHaveLength(1);
  });

  it.each([
    ['Proxmox VE 8', pveManager('8.4.1')],
    ['Proxmox VE 9', pveManager('9.0.3')],
    ['a machine without Proxmox VE', {}],
  ])('says nothing on %s', (_, files) => {
    expect(tellFor(files)).toEqual({ json: {}, said: '' });
  });
});
