// Tests of choosing letters for small charts.
import { expect, it } from 'vitest';
import { chooseSpark } from './choose-spark.ts';

it.each([
  [{}, 'blocks'],
  [{ LANG: 'en_GB.UTF-8' }, 'blocks'],
  [{ LANG: 'de_DE.utf8', TERM: 'xterm-256color' }, 'blocks'],
  [{ LANG: 'C' }, 'ascii'],
  [{ LANG: 'en_GB.UTF-8', LC_ALL: 'POSIX' }, 'ascii'],
  [{ LANG: 'en_GB.UTF-8', LC_CTYPE: 'C' }, 'ascii'],
  [{ LANG: 'en_GB.UTF-8', TERM: 'linux' }, 'ascii'],
] as const)('chooseSpark() of %j is %s', (environment, style) => {
  expect(chooseSpark(environment)).toBe(style);
});
