// Changing one property of a `numaN` value.
import { expect, it } from 'vitest';
import { withProperty } from './numa-lines.ts';

it.each([
  ['cpus=0-3,memory=4096', 'memory', '2048', 'cpus=0-3,memory=2048'],
  ['memory=4096,cpus=0-3', 'memory', '2048', 'memory=2048,cpus=0-3'],
  ['cpus=0-3, memory=4096', 'memory', '2048', 'cpus=0-3,memory=2048'],
  ['cpus=0-3', 'policy', 'preferred', 'cpus=0-3,policy=preferred'],
  ['cpus=0-3,hostnodes=0;1,policy=bind', 'hostnodes', '0-1', 'cpus=0-3,hostnodes=0-1,policy=bind'],
])('withProperty() of %j: %s=%s', (text, name, value, changed) => {
  expect(withProperty(text, name, value)).toBe(changed);
});
