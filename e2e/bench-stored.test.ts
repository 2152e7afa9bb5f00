// `berth bench --list`, `--show` and `--compare` through the built program, on measurements that a tree holds.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { measurementJson, measurementListJson } from '#contract/measurement.ts';
import { encodeJson } from '#contract/read-json.ts';
import { makeDemoHost } from '#fixtures/demo-host.ts';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { runBerth } from './berth.ts';

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'berth-'));
  const stored = ['0003', '0004'].map((id): [string, string] => [
    `/var/lib/berth/measurements/${id}.json`,
    encodeJson(measurementJson, { schema: 'berth/measurement/1', ...sampleMeasurement, id }),
  ]);
  for (const [path, text] of [...makeDemoHost(), ...stored]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, 'utf8');
  }
});
afterAll(() => rmSync(root, { recursive: true }));

const bench = (...args: readonly string[]) => runBerth(['--root', root, 'bench', ...args]);

it('lists them, shows one and compares two', () => {
  expect(bench('--list').stdout).toMatch(/^0003 .* less latency as planned\n0004 /m);
  expect(bench('--show', '4').stdout).toMatch(/^Guest 101 database: less latency as planned\n99\.99 % of all wakeups/);
  expect(bench('--compare', '3', '4').stdout).toContain('intervals overlap');
});

it('prints one object that its schema knows', () => {
  for (const args of [['--list'], ['--compare', '4', '3']]) {
    const json: unknown = JSON.parse(bench(...args, '--json').stdout);
    expect(z.safeDecode(measurementListJson, json as z.input<typeof measurementListJson>).error).toBeUndefined();
    expect(json).toMatchObject({ schema: 'berth/measurements/1', measurements: [{}, {}] });
  }
});

it('writes the page and the pictures, and says so', () => {
  const { code, stdout, stderr } = bench(
    '--show',
    '3',
    '--html',
    join(root, 'page.html'),
    '--svg',
    join(root, 'pictures'),
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^Wrote .*page\.html\nWrote ratio\.svg, /);
  expect(readFileSync(join(root, 'page.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*58\.7 µs/);
  expect(readdirSync(join(root, 'pictures'))).toContain('percentiles.svg');
});

it.each([
  [['--show', '99'], /There is no measurement 99; see `berth bench --list`/],
  [['--compare', '3'], /--compare takes the ids of two measurements/],
  [['--show', '3', '--html', '/nowhere/page.html'], /Cannot write \/nowhere\/page\.html/],
  [['--show', '3', '--svg', '/proc/berth'], /Cannot make \/proc\/berth/],
  [[], /Which VM\?/],
])('refuses %j with the reason', (args, reason) => {
  const { code, stderr } = bench(...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(reason);
});
