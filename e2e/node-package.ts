// Packages of the program as nodes get it, but for the executable: a script that calls the built program, as what is made of Node takes minutes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDeb } from '../packaging/make-deb.ts';
import { listPackageFiles, UNIT_PATH } from '../packaging/package-files.ts';
import { PROGRAM, type Ran } from './berth.ts';
import { mountOverlay } from './private-mounts.ts';

/** What systemd was asked for, a line each. */
export const CALLS = '/run/systemctl-calls';
/** It is there while the agent runs; with this in it, it does not start. */
export const AGENT = '/run/agent';

const TRUE_SYSTEMCTL = '/usr/bin/systemctl.true';

/** systemd is not process 1 here: this one notes what it is told, and knows whether the agent runs. What needs no systemd is done. */
const SYSTEMCTL = `#!/bin/sh
case "$*" in
*--root=/*) exec ${TRUE_SYSTEMCTL} "$@" ;;
*is-active*) [ -e ${AGENT} ]; exit ;;
*is-enabled*) [ ! -L /etc/systemd/system/multi-user.target.wants/berth.service ] || echo enabled; exit ;;
esac
echo "$*" | sed 's/--[a-z]* *//g' >> ${CALLS}
case "$*" in
*start*) [ ! -e /run/agent-fails ] && : > ${AGENT} ;;
*stop*) rm -f ${AGENT} ;;
esac
`;

const NODE_PART = {
  name: 'node',
  version: '24',
  license: 'MIT',
  licenseText: 'as Node says',
  author: null,
  installedIn: null,
};

/** Lets dpkg, and what it calls, change this machine's files without anybody noticing. Inside private mounts. */
export function enterPackageSystem(): void {
  for (const directory of ['/etc', '/usr', '/var/lib', '/var/log']) mountOverlay(directory, [], 'kept');
  rmSync('/usr/sbin/policy-rc.d', { force: true });
  renameSync('/usr/bin/systemctl', TRUE_SYSTEMCTL);
  writeFileSync('/usr/bin/systemctl', SYSTEMCTL, { mode: 0o755 });
  // By this its scripts see that systemd runs.
  mkdirSync('/run/systemd/system', { recursive: true });
}

/** Its path. The unit's description names the version. */
export function makePackage(version: string): string {
  const scratch = mkdtempSync('/run/package-');
  const executable = join(scratch, 'berth');
  const script = `#!/bin/sh\n[ "$*" != --version ] || exec echo ${version}\nexec ${process.execPath} ${PROGRAM} "$@"\n`;
  writeFileSync(executable, script);
  const release = { version, epoch: 1_700_000_000 };
  const files = listPackageFiles({ executable, node: NODE_PART, nodeParts: { v8: '13' }, release }).map(file =>
    file.path === UNIT_PATH ? { ...file, content: `${file.content}`.replace('Berth:', `Berth ${version}:`) } : file,
  );
  const output = `/run/berth_${version}_amd64.deb`;
  makeDeb({ files, release, root: join(scratch, 'root'), output, compression: 'none' });
  rmSync(scratch, { recursive: true });
  return output;
}

/** dpkg writes to both; what its triggers would do for others takes longer than all the rest. */
export function dpkg(...args: readonly string[]): Ran {
  return run('dpkg', '--no-triggers', ...args);
}

export function run(program: string, ...args: readonly string[]): Ran {
  const env = { ...process.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', NO_COLOR: '1', LC_ALL: 'C' };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, env });
  return { code: status, stdout, stderr };
}
