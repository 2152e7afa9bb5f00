// Installs the npm packages when they are not the ones of package-lock.json. Imports nothing that has to be installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const OLDEST_NODE = 20;

/** npm's own record of what is in node_modules; it writes it last, so that an interrupted install is repeated. */
const INSTALLED = 'node_modules/.package-lock.json';

/** Must run in the checkout's directory, as npm scripts do. Throws an error that says what to do. */
export function ensurePackages() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < OLDEST_NODE)
    throw new Error(`berth needs Node ${OLDEST_NODE} or later; this is ${process.versions.node}.`);
  if (isInstalled()) return;
  console.log('Installing npm packages (npm install) …');
  // Not `npm ci`: it refuses a lock file that leaves out optional packages of other platforms, as ours does.
  const { status, error, stdout, stderr } = spawnSync('npm', ['install', '--no-save'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm install failed:\n${error?.message ?? `${stdout}${stderr}`}`);
}

/** Versions are compared, not times: git writes package-lock.json again whenever a branch is left and entered. */
function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const { '': _root, ...wanted } = readPackages('package-lock.json');
  const installed = readPackages(INSTALLED);
  const isMissing = ([path, { optional, devOptional }]) => !optional && !devOptional && installed[path] === undefined;
  const isOther = ([path, { version }]) => wanted[path]?.version !== version;
  return !Object.entries(wanted).some(isMissing) && !Object.entries(installed).some(isOther);
}

const readPackages = path => JSON.parse(readFileSync(path, 'utf8')).packages;
