// Proofs of a package: it comes out the same twice, lintian has nothing to say, and what it installs runs without Node and environment.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

export interface CheckedDebs {
  readonly deb: string;
  /** Built a second time from the same sources. */
  readonly again: string;
  readonly version: string;
}

/** What the project promises. */
const MOST_BYTES = 45_000_000;

/** What is wrong, a line each; says on standard output what was looked at. */
export function checkDeb({ deb, again, version }: CheckedDebs): readonly string[] {
  const { length } = readFileSync(deb);
  const checks: ReadonlyArray<readonly [string, readonly string[]]> = [
    ['under 45 MB', length < MOST_BYTES ? [] : [`${deb} has ${length} bytes`]],
    ['the same bytes twice', readFileSync(deb).equals(readFileSync(again)) ? [] : [describeDifference(deb, again)]],
    ['lintian', askLintian(deb)],
    ['runs without Node and environment', runInstalled(deb, version)],
  ];
  for (const [what, problems] of checks) console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${what}`);
  return checks.flatMap(([, problems]) => problems);
}

/** The files that differ, by dpkg's own sums. */
function describeDifference(deb: string, again: string): string {
  const readSums = (file: string) => runTool(['dpkg-deb', '--info', file, 'md5sums']).toString().split('\n');
  const first = readSums(deb);
  const files = readSums(again).filter(line => !first.includes(line));
  return `Two builds differ in: ${files.join(', ') || 'no file, but in how they are packed'}`;
}

/** Overridden tags are in packaging/debian/lintian-overrides, with their reasons. */
function askLintian(deb: string): readonly string[] {
  const args = ['--allow-root', '--tag-display-limit', '0', '--fail-on', 'error,warning', deb];
  const { status, stdout, stderr, error } = spawnSync('lintian', args, { encoding: 'utf8' });
  return status === 0 ? [] : (error?.message ?? `${stdout}${stderr}`).trim().split('\n');
}

/** Unpacked where nothing of the checkout is near. */
function runInstalled(deb: string, version: string): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'berth-package-'));
  try {
    runTool(['dpkg-deb', '--extract', deb, root]);
    const berth = join(root, 'usr/bin/berth');
    const run = (...args: readonly string[]) =>
      spawnSync(berth, args, { cwd: root, env: { TMPDIR: root }, encoding: 'utf8' });
    const said = run('--version');
    // System calls, the solver in its thread, and the planner: the whole job.
    const demo = run('demo');
    return [
      ...(said.stdout.trim() === version ? [] : [`berth --version says ${said.stdout}${said.stderr}`]),
      ...(demo.stdout.includes('Every step was checked.')
        ? []
        : [`berth demo ends with ${demo.status}: ${demo.stderr}`]),
    ];
  } finally {
    rmSync(root, { recursive: true });
  }
}
