// Whatever the arguments are, a real shell reads them back.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteArguments } from './shell-quote.ts';

/** The arguments that `sh` makes of a line, each ended by a NUL. */
function readBack(line: string): readonly string[] {
  const { stdout } = spawnSync('sh', ['-c', `set -- ${line}; for word; do printf '%s\\0' "$word"; done`], {
    encoding: 'utf8',
  });
  return stdout.split('\0').slice(0, -1);
}

describe('quoteArguments()', () => {
  it.each<readonly string[]>([
    [],
    [''],
    ['', ''],
    ['two words', 'one'],
    ["it's"],
    ["'", "''"],
    ['$HOME', '`id`', '$(id)', '\\', '\\\\', '"', '*', '~', '#', '!', '&', ';', '|', '>x'],
    ['line\nbreak', '\ttab', '-n', '--'],
    ['é', '日本'],
  ])('gives %j back', (...args) => {
    expect(readBack(quoteArguments(args))).toEqual(args);
  });

  it('gives any arguments back', () => {
    const word = fc.string({ unit: fc.constantFrom('a', "'", '"', '\\', ' ', '$', '\n', '`', '!', '-') });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), args => {
        expect(readBack(quoteArguments(args))).toEqual(args);
      }),
      { numRuns: 60 },
    );
  });
});
