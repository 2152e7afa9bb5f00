// Finds the system programs that tests and packaging need, and installs their Debian packages when this is root on Debian.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → its Debian package. The end-to-end tests need the first group, the lab needs them all. */
const TEST_PROGRAMS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  xz: 'xz-utils',
  taskset: 'util-linux',
  cyclictest: 'rt-tests',
  nasm: 'nasm',
  strace: 'strace',
  chromium: 'chromium',
  'qemu-ga': 'qemu-guest-agent',
  'stress-ng': 'stress-ng',
  // A server without a service: nobody's machine should begin to listen because a test ran there once.
  dropbear: 'dropbear-bin',
  ssh: 'openssh-client',
  numactl: 'numactl',
  busybox: 'busybox-static',
  cpio: 'cpio',
  'systemd-run': 'systemd',
  'dbus-daemon': 'dbus',
  debootstrap: 'debootstrap',
};

export const PACKAGE_PROGRAMS = {
  'dpkg-deb': 'dpkg',
  strip: 'binutils',
  lintian: 'lintian',
};

/** @param wanted program → its Debian package. Returns the programs that are still missing, and says what to install for them. */
export function ensurePrograms(wanted = TEST_PROGRAMS) {
  const missing = findMissing(wanted);
  if (missing.length === 0) return [];
  const packages = missing.map(program => wanted[program]);
  if (!isDebian() || process.getuid() !== 0) {
    console.log(
      `Missing: ${missing.join(', ')}. On Debian, root installs them with: apt-get install ${packages.join(' ')}`,
    );
    return missing;
  }
  console.log(`Installing Debian packages (apt-get install ${packages.join(' ')}) …`);
  const install = () => runApt('install', '--yes', '--no-install-recommends', ...packages);
  // The list of packages may be missing or old; fetching it takes longer than most installs.
  let failure = install();
  if (failure !== null) failure = runApt('update') ?? install();
  if (failure !== null) console.log(`That failed:\n${failure}`);
  return findMissing(wanted);
}

function findMissing(wanted) {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return Object.keys(wanted).filter(program => !directories.some(directory => isExecutable(join(directory, program))));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isDebian() {
  try {
    return /^ID(_LIKE)?="?(.* )?debian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Null when it succeeded, else what it said. */
function runApt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stdout, stderr } = spawnSync('apt-get', args, { encoding: 'utf8', env });
  return status === 0 ? null : (error?.message ?? `${stdout}${stderr}`.trimEnd());
}
