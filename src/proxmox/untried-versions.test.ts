// Versions of Proxmox VE and of the kernel that are worth a word.
import { describe, expect, it } from 'vitest';
import { listUntried } from './untried-versions.ts';

const module = (version: string) => `sub version {\n    return '${version}';\n}\n`;

describe('listUntried()', () => {
  it.each<[string, string | null, string | null, unknown]>([
    ['Proxmox VE 8 with its kernel', module('8.4.1'), '6.8.12-4-pve\n', []],
    ['Proxmox VE 9 with its kernel', module('9.0.3'), '6.14.8-2-pve\n', []],
    ['a capture, which has neither', null, null, []],
    ['the oldest kernel of the lab', null, '6.1.0-52-amd64', []],
    ['a later one of the newest major version', null, '7.30.1', []],
    ['a later Proxmox VE', module('10.0.1'), '6.17.2-1-pve', [{ what: 'proxmox', version: '10.0.1' }]],
    ['one that does not say which it is', 'package PVE::pvecfg;', null, [{ what: 'proxmox', version: null }]],
    ['an older kernel', module('8.4.1'), '6.0.19\n', [{ what: 'kernel', version: '6.0.19' }]],
    ['one of an older major version', null, '5.15.158-2-pve\n', [{ what: 'kernel', version: '5.15.158-2-pve' }]],
    ['one that is not there yet', null, '8.0.0-rc1', [{ what: 'kernel', version: '8.0.0-rc1' }]],
    ['a kernel with a name of its own', null, 'custom', [{ what: 'kernel', version: 'custom' }]],
    ['a kernel without a name', null, '\n', [{ what: 'kernel', version: null }]],
    [
      'both',
      module('7.4-3'),
      '5.15.158-2-pve',
      [
        { what: 'proxmox', version: '7.4-3' },
        { what: 'kernel', version: '5.15.158-2-pve' },
      ],
    ],
  ])('%s', (_, pve, kernel, untried) => {
    expect(listUntried({ pve, kernel })).toEqual(untried);
  });
});
