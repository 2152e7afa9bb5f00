// `npm run package [-- --check] [-- --older]`: the Debian package of the built program, and proofs of it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkDeb } from './check-deb.ts';
import { makeDeb } from './make-deb.ts';
import { makeExecutable } from './make-executable.ts';
import { makeOlderDeb } from './make-older-deb.ts';
import { listPackageFiles, type Release } from './package-files.ts';
import { nameLibrary, readNode, readNodeParts } from './parts.ts';

const OUTPUT = 'dist/package';

/** A directory of its own: what is in the other one is installed all at once. */
const OLDER = 'dist/older-package';

const USAGE = `npm run package [-- --check] [-- --older]

Makes ${OUTPUT}/berth_VERSION_amd64.deb: the program with a Node of its own, for nodes that have neither Node nor internet.

  --older   makes another one of an earlier version in ${OLDER}: what the lab upgrades from
  --check   makes it a second time and compares, asks lintian, and runs what is installed without Node and environment
  --help    this`;

function main(): number {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      older: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const release = { version, epoch: readEpoch() };
  const deb = join(OUTPUT, `berth_${version}_amd64.deb`);
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
  build(release, deb);
  console.log(`${deb}: ${(statSync(deb).size / 1e6).toFixed(1)} MB`);
  if (values.older) {
    rmSync(OLDER, { recursive: true, force: true });
    console.log(makeOlderDeb(release, OLDER));
  }
  if (!values.check) return 0;
  const again = join(OUTPUT, 'again.deb');
  build(release, again);
  const problems = checkDeb({ deb, again, version });
  rmSync(again);
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

function build(release: Release, output: string): void {
  const work = `${output}.work`;
  mkdirSync(work);
  const executable = join(work, 'berth');
  makeExecutable({ bundle: 'dist/berth.cjs', library: nameLibrary(), scratch: work, output: executable });
  const files = listPackageFiles({ executable, node: readNode(), nodeParts: readNodeParts(), release });
  makeDeb({ files, release, root: join(work, 'root'), output });
  rmSync(work, { recursive: true });
}

/** The time of the sources: what reproducible builds agree on, else that of the commit. */
function readEpoch(): number {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) return Number(given);
  try {
    return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }));
  } catch (cause) {
    throw new Error('Cannot tell the date of the sources: without git, set SOURCE_DATE_EPOCH', { cause });
  }
}

try {
  process.exitCode = main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
