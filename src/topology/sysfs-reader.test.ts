// How small files are read: what is not there, what cannot be read, what is malformed.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { numberedEntries, SysfsReader } from './sysfs-reader.ts';

const readerOf = (text: string): SysfsReader => new SysfsReader(makeTextTree(new Map([['/sys/file', text]])));

describe('SysfsReader', () => {
  it('reads lists that kernels of the age of 5.15 end with a NUL', () => {
    const cpus = readerOf('0-3,8\n\0').cpuList('/sys/file');
    expect(cpus && encodeIdList(cpus)).toBe('0-3,8');
    expect(() => readerOf('0-3\0,8\n').cpuList('/sys/file')).toThrow('neither an id nor a range');
  });

  it.each([
    ['12\n', 12],
    ['12', 12],
    ['-1\n', -1],
    ['0\n', 0],
  ])('takes the integer %j', (text, value) => {
    expect(readerOf(text).integer('/sys/file')).toBe(value);
  });

  it.each(['', '\n', '1 2\n', 'x1\n', '1x\n', '1\n2\n', '--1\n', '0x10\n', '1.5\n'])('refuses the integer %j', text => {
    expect(() => readerOf(text).integer('/sys/file')).toThrow(`/sys/file: Cannot parse number "${text.trimEnd()}"`);
  });

  it('gives null for what is not there, and does not note it', () => {
    const reader = readerOf('1\n');
    expect([reader.text('/other'), reader.integer('/other'), reader.cpuMask('/other')]).toEqual([null, null, null]);
    expect(reader.list('/other')).toEqual([]);
    expect(reader.unknown).toEqual([]);
  });

  it('notes files and directories that cannot be read', () => {
    const fail = () => {
      throw new Error('Permission denied');
    };
    const reader = new SysfsReader({ read: fail, list: fail });
    expect([reader.text('/a'), reader.list('/b')]).toEqual([null, []]);
    expect(reader.unknown).toEqual([
      { path: '/a', reason: 'Permission denied' },
      { path: '/b', reason: 'Permission denied' },
    ]);
  });

  it('gives an error the name of the file, once, and keeps its cause', () => {
    const reader = readerOf('x');
    const named = new ParseError('no', { file: '/else' });
    const nameless = new ParseError('no');
    const failWith = (error: Error) => () => {
      throw error;
    };
    expect(() => reader.parse('/sys/file', failWith(named))).toThrow(named);
    expect(() => reader.parse('/sys/file', failWith(nameless))).toThrow(
      expect.objectContaining({ position: { file: '/sys/file' }, cause: nameless }),
    );
    expect(() => reader.parse('/sys/file', failWith(new TypeError('bug')))).toThrow(TypeError);
  });
});

describe('numberedEntries()', () => {
  it('takes the entries of one name, by number', () => {
    const entries = ['cpu10', 'cpu2', 'cpu', 'cpuidle', 'cpu1x', 'cpux1', 'xcpu1', 'pci7', '3cpu', 'node0'];
    expect(numberedEntries(entries, 'cpu')).toEqual([2, 10]);
  });
});
