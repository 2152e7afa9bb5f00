// KSM takes another answer only while nothing is merged: what is written, in which order.
import { describe, expect, it } from 'vitest';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { HostError } from './host-error.ts';
import { writeMergeAcrossNodes } from './merge-across-nodes.ts';
import { openHost } from './open-host.ts';

const KSM = '/sys/kernel/mm/ksm';

function watched(sharing: number, availableKiB: number, refuses: (path: string) => boolean = () => false) {
  const host = openHost(
    makeTemporaryTree({
      'sys/kernel/mm/ksm/run': '1\n',
      'sys/kernel/mm/ksm/merge_across_nodes': '1\n',
      'sys/kernel/mm/ksm/pages_sharing': `${sharing}\n`,
      'proc/meminfo': `MemTotal: 1 kB\nMemAvailable:   ${availableKiB} kB\n`,
    }),
  );
  const writes: string[] = [];
  const writeKernelFile = (path: string, text: string) => {
    writes.push(`${path.slice(KSM.length + 1)}=${text}`);
    if (refuses(path)) throw new HostError('busy', `Cannot write to ${path}`);
  };
  return { host: { ...host, writeKernelFile }, writes };
}

describe('writeMergeAcrossNodes()', () => {
  it('just writes where nothing is merged', () => {
    const { host, writes } = watched(0, 0);
    writeMergeAcrossNodes(host, '0');
    expect(writes).toEqual(['merge_across_nodes=0']);
  });

  it('separates what is merged first, and goes on merging after', () => {
    const { host, writes } = watched(1000, 8_000);
    writeMergeAcrossNodes(host, '0');
    expect(writes).toEqual(['run=2', 'merge_across_nodes=0', 'run=1']);
  });

  it('goes on merging also when the kernel refuses', () => {
    const { host, writes } = watched(1000, 8_000, path => path.endsWith('nodes'));
    expect(() => writeMergeAcrossNodes(host, '0')).toThrow(/Cannot write/);
    expect(writes.at(-1)).toBe('run=1');
  });

  it('refuses where separating would take more than half of the memory that is there', () => {
    const { host, writes } = watched(262_144, 2_000_000);
    expect(() => writeMergeAcrossNodes(host, '0')).toThrow(/takes 1024 MiB of the 1953 MiB that are available/);
    expect(writes).toEqual([]);
  });
});
