// Errors of the operating system in words.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { errnoOf, errnoWords, hostErrorFrom, systemCallError } from './errno.ts';
import { HostError } from './host-error.ts';

const { EACCES, EDQUOT, EIO, ENOSPC, EPERM, EROFS, ESRCH } = constants.errno;

describe('systemCallError()', () => {
  it.each([
    [EACCES, 'denied', 'permission denied'],
    [EPERM, 'denied', 'operation not permitted'],
    [EROFS, 'denied', 'read-only file system'],
    [ESRCH, 'gone', 'no such process'],
    [ENOSPC, 'full', 'no space left on device'],
    [EDQUOT, 'full', 'disk quota exceeded'],
    [EIO, 'failed', 'i/o error'],
    [4000, 'failed', 'error 4000'],
  ])('says errno %i as %s in words', (number, reason, words) => {
    expect(systemCallError('Cannot read x', number)).toMatchObject({ reason, message: `Cannot read x: ${words}` });
    expect(errnoWords(number)).toBe(words);
  });
});

describe('hostErrorFrom()', () => {
  it('keeps a HostError', () => {
    const error = new HostError('busy', 'x');
    expect(hostErrorFrom('Cannot read y', error)).toBe(error);
  });

  it('names the cause of what Node threw', () => {
    expect.assertions(1);
    try {
      readFileSync('/nonexistent');
    } catch (error) {
      expect(hostErrorFrom('Cannot read y', error)).toMatchObject({ reason: 'missing', cause: error });
    }
  });

  it.each([new TypeError('bug'), 'text', null])('lets a bug through: %s', bug => {
    expect(errnoOf(bug)).toBeNull();
    expect(() => hostErrorFrom('Cannot read y', bug)).toThrow();
  });
});
