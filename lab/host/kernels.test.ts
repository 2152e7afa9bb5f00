// The newest kernel of a series among the names of Debian's packages.
import { describe, expect, it } from 'vitest';
import { newestOf } from './kernels.ts';

describe('newestOf()', () => {
  it.each([
    ['the only one', '6.1', ['6.1.0-37-amd64'], '6.1.0-37-amd64'],
    ['by number, not by letter', '6.1', ['6.1.0-9-amd64', '6.1.0-37-amd64', '6.1.0-10-amd64'], '6.1.0-37-amd64'],
    ['whatever the order', '6.1', ['6.1.0-37-amd64', '6.1.0-9-amd64'], '6.1.0-37-amd64'],
    ['by the patch level', '6.12', ['6.12.9+deb12-amd64', '6.12.38+deb12-amd64'], '6.12.38+deb12-amd64'],
    ['by the rebuild', '6.12', ['6.12.9+deb12-amd64', '6.12.9+deb12+2-amd64'], '6.12.9+deb12+2-amd64'],
    ['of this series alone', '6.1', ['6.1.0-37-amd64', '6.12.38+deb12-amd64', '6.10.1-1-amd64'], '6.1.0-37-amd64'],
    ['of the longer series alone', '6.12', ['6.1.0-37-amd64', '6.12.38+deb12-amd64'], '6.12.38+deb12-amd64'],
  ])('takes %s', (_, series, releases, expected) => {
    expect(newestOf(series, releases)).toBe(expected);
  });

  it.each([
    ['another series', '6.1', ['6.12.38+deb12-amd64', '16.1.0-1-amd64']],
    ['a dot that is another letter', '6.1', ['6x1.0-37-amd64']],
    ['the cloud flavour', '6.1', ['6.1.0-37-cloud-amd64']],
    ['the real-time flavour', '6.1', ['6.1.0-37-rt-amd64']],
    ['debug symbols', '6.1', ['6.1.0-37-amd64-dbg']],
    ['unsigned images', '6.1', ['6.1.0-37-amd64-unsigned']],
    ['another architecture', '6.1', ['6.1.0-37-arm64']],
    ['a half-made download', '6.1', ['.new-x3Hkq1']],
    ['the name of the series itself', '6.12', ['6.12-amd64']],
    ['nothing', '6.1', []],
  ])('does not take %s', (_, series, releases) => {
    expect(newestOf(series, releases)).toBeUndefined();
  });
});
