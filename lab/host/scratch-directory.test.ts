// Scratch directories: those of killed programs go, those of living ones stay.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeScratchDirectory } from './scratch-directory.ts';

/** Above every limit that Linux allows. */
const NOBODY = 4_194_305;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-scratch-'));
  vi.stubEnv('TMPDIR', directory);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function make(name: string): string {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, 'console'), 'left');
  return join(directory, name);
}

describe('makeScratchDirectory()', () => {
  it('is named after this process, and another one every time', () => {
    const [first, second] = [makeScratchDirectory(), makeScratchDirectory()];
    expect(dirname(first)).toBe(directory);
    expect(basename(first)).toMatch(new RegExp(`^berth-lab-${process.pid}-.{6}$`));
    expect(second).not.toBe(first);
    expect([first, second].every(existsSync)).toBe(true);
  });

  it('removes what a program that is gone has left', () => {
    const left = make(`berth-lab-${NOBODY}-abcdef`);
    makeScratchDirectory();
    expect(existsSync(left)).toBe(false);
  });

  it.each([
    ['of a program that lives', `berth-lab-${process.ppid}-abcdef`],
    ['of init', 'berth-lab-1-abcdef'],
    ['without a number', 'berth-lab-abcdef'],
    ['of another program', `other-berth-lab-${NOBODY}-abcdef`],
    ['whose number goes on', `berth-lab-${NOBODY}x-abcdef`],
  ])('keeps one %s', (_, name) => {
    const other = make(name);
    makeScratchDirectory();
    expect(existsSync(join(other, 'console'))).toBe(true);
  });
});
