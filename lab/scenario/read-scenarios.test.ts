// The scenarios that there are, and files that are none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readScenarios } from './read-scenarios.ts';

const namesOf = (names: readonly string[]) => readScenarios(names).map(({ name }) => name);

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-scenarios-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, yaml: string): void {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, 'scenario.yaml'), yaml);
}

describe('readScenarios()', () => {
  it('reads all that there are, by name', () => {
    expect(namesOf([])).toContain('single-node-pin');
    expect(namesOf([])).toEqual([...namesOf([])].sort());
  });

  it('reads those that are named, in the order that they are named in', () => {
    expect(namesOf(['single-node-pin', 'killed-apply'])).toEqual(['single-node-pin', 'killed-apply']);
  });

  it('refuses names that there are not, and lists those there are', () => {
    expect(() => readScenarios(['killed', 'single-node-pin', 'pin'])).toThrow(
      /^There is no scenario killed, pin\. There are:\n(.*\n)* {2}single-node-pin/,
    );
  });

  it('names the file whose YAML is broken, and the line', () => {
    write('broken', 'what: a\nsteps: [{ start: 100 }\nsabotage: []\n');
    expect(() => readScenarios([], directory)).toThrow(/broken\/scenario\.yaml: .*line 3/s);
  });

  it('names the file and the step that is none', () => {
    write(
      'odd',
      'what: a\nshape: 2p2n8c\nsteps: [{ wait: 1 }, { begin: 1 }]\nsabotage: [{ what: a, step: 1, instead: { wait: 1 }, says: b }]\n',
    );
    expect(() => readScenarios(['odd'], directory)).toThrow(/odd\/scenario\.yaml: odd, step 2: /);
  });

  it('names the file that is not there', () => {
    mkdirSync(join(directory, 'empty'));
    expect(() => readScenarios([], directory)).toThrow(/empty\/scenario\.yaml does not exist$/);
  });
});
