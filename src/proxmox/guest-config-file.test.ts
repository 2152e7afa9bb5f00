// Warnings about lines of a config, whatever they hold.
import { expect, it } from 'vitest';
import { encodeConfigWarning } from './guest-config-file.ts';

it.each([
  [3, 'plain', 'line 3: plain'],
  [null, 'plain', 'plain'],
  [1, 'format error\n \tcores: bad', 'line 1: format error cores: bad'],
  [1, '\x1b[31m\x7f~\xff', 'line 1: ?[31m?~?'],
  [1, 'x'.repeat(200), `line 1: ${'x'.repeat(200)}`],
  [1, `y${'x'.repeat(200)}`, `line 1: y${'x'.repeat(199)}…`],
])('encodeConfigWarning() in line %s of %j', (line, message, warning) => {
  expect(encodeConfigWarning(line, message)).toBe(warning);
});
