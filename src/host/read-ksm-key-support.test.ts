// Tests of which nodes know the key that keeps a VM's memory from being merged.
import { describe, expect, it } from 'vitest';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { readKsmKeySupport } from './read-ksm-key-support.ts';

const packages = (version: string, status = 'install ok installed') =>
  `Package: qemu-server\nStatus: ${status}\nPriority: optional\nVersion: ${version}\nDescription: tools\n of many lines\n`;

const read = (text: string | null) =>
  readKsmKeySupport(makeTextTree(new Map(text === null ? [] : [['/var/lib/dpkg/status', text]])));

describe('readKsmKeySupport()', () => {
  it.each([
    ['9.0.27', 'known'],
    ['9.0.28+pve1', 'known'],
    ['9.1.0~rc1', 'known'],
    ['10.0.0', 'known'],
    ['9.0.26', 'older'],
    ['9.0.3', 'older'],
    ['8.4.30', 'older'],
    ['8.9.99', 'older'],
  ])('of qemu-server %s: %s', (version, support) => expect(read(packages(version))).toBe(support));

  it.each([
    ['without dpkg', null],
    ['without the package', packages('9.0.27').replace('qemu-server', 'qemu-server-extra')],
    ['with the package removed', packages('9.0.27', 'deinstall ok config-files')],
    ['with the package half installed', packages('9.0.27', 'install ok half-configured')],
    ['with a version of another kind', packages('git2026')],
    ['without a version', 'Package: qemu-server\nStatus: install ok installed\n'],
  ])('is not told %s', (_, text) => expect(read(text)).toBe('not-told'));

  it('finds it among others', () => {
    const other = (name: string) => `Package: ${name}\nStatus: install ok installed\nVersion: 1.0.0\n`;
    expect(read([other('qemu'), packages('9.0.27'), other('qemu-server-doc')].join('\n'))).toBe('known');
  });
});
