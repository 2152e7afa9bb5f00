// The package's life under dpkg: what its scripts tell systemd, what they leave alone, and what an upgrade that fails leaves.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BESIDE } from '../packaging/parts.ts';
import { configPath, NODE, PLACEMENT, readConfig, resetNode, writeVmConfig } from './live-node.ts';
import { AGENT, CALLS, dpkg, enterPackageSystem, makePackage, run } from './node-package.ts';
import { enterPrivateMounts } from './private-mounts.ts';

const { version: VERSION } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const LATER = '99.0.0';
const UNIT = '/usr/lib/systemd/system/berth.service';
const ENABLED = '/etc/systemd/system/multi-user.target.wants/berth.service';
const JOURNAL = '/var/lib/berth/journal';

let deb = '';
let later = '';

beforeAll(() => {
  enterPrivateMounts();
  enterPackageSystem();
  deb = makePackage(VERSION);
  later = makePackage(LATER);
});

function begin(): void {
  dpkg('--purge', 'berth');
  for (const file of [CALLS, AGENT, '/run/agent-fails']) rmSync(file, { force: true });
  resetNode();
}

/** What systemd was told since the last call. */
function calls(): readonly string[] {
  const text = existsSync(CALLS) ? readFileSync(CALLS, 'utf8') : '';
  rmSync(CALLS, { force: true });
  return text.split('\n').filter(line => line !== '');
}

const readGz = (path: string): string => gunzipSync(readFileSync(path)).toString();
const installedVersion = (): string =>
  run('dpkg-query', '--show', `--showformat=${['Status', 'Version'].map(name => `\${${name}}`).join(' ')}`, 'berth')
    .stdout;

function placeSomething(): void {
  mkdirSync(PLACEMENT.replace(/[^/]*$/, ''), { recursive: true });
  const placement = {
    schema: 'berth/placement/1',
    appliedBy: '0001',
    node: NODE,
    isolation: 'none',
    housekeeping: '0',
    guests: [],
  };
  writeFileSync(PLACEMENT, JSON.stringify(placement));
}

describe('what is installed', () => {
  beforeAll(() => {
    begin();
    expect(dpkg('--install', deb)).toMatchObject({ code: 0 });
  });

  it('is of one version, whoever is asked', () => {
    expect(installedVersion()).toBe(`install ok installed ${VERSION}`);
    expect(run('berth', '--version').stdout).toBe(`${VERSION}\n`);
    expect(readGz('/usr/share/man/man1/berth.1.gz')).toContain(`"berth ${VERSION}"`);
    expect(readGz('/usr/share/doc/berth/changelog.gz')).toMatch(new RegExp(`^berth \\(${VERSION}\\) `));
    const sbom = JSON.parse(readFileSync('/usr/share/doc/berth/sbom.cdx.json', 'utf8'));
    expect(sbom.metadata.component).toMatchObject({ name: 'berth', version: VERSION });
    // Sums of all files.
    expect(dpkg('--verify', 'berth')).toMatchObject({ code: 0, stdout: '' });
  });

  it('is where Debian has such things, and nothing else', () => {
    const files = dpkg('--listfiles', 'berth').stdout.trim().split('\n');
    const own = files.filter(
      file => !file.includes('/html') && !file.includes('node_modules') && !isDirectoryOf(files, file),
    );
    expect(own.toSorted()).toEqual([
      '/usr/bin/berth',
      UNIT,
      '/usr/share/bash-completion/completions/berth',
      '/usr/share/doc/berth/changelog.gz',
      '/usr/share/doc/berth/copyright',
      '/usr/share/doc/berth/examples/policy.yaml',
      '/usr/share/doc/berth/sbom.cdx.json',
      '/usr/share/fish/vendor_completions.d/berth.fish',
      '/usr/share/lintian/overrides/berth',
      '/usr/share/man/man1/berth.1.gz',
      '/usr/share/zsh/vendor-completions/_berth',
    ]);
  });

  it('has the licence of everything that is in it', () => {
    const copyright = readFileSync('/usr/share/doc/berth/copyright', 'utf8');
    const bundled: readonly string[] = JSON.parse(readFileSync('dist/packages.json', 'utf8'));
    expect(bundled.length).toBeGreaterThan(3);
    for (const name of [...bundled, ...Object.keys(BESIDE), 'node']) expect(copyright).toContain(`\n${name} `);
  });

  it('has a unit that systemd understands', () => {
    // What is said of other units is this machine's business.
    const { stderr } = run('systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', UNIT);
    expect(stderr.split('\n').filter(line => line.includes('berth'))).toEqual([]);
  });
});

describe('installing', () => {
  beforeEach(begin);

  it('enables the agent and starts it, and changes no guest', () => {
    const before = writeVmConfig(100, { cores: 1 });
    expect(dpkg('--install', deb)).toMatchObject({ code: 0 });
    expect(calls()).toEqual(['daemon-reload', 'start berth.service']);
    expect(readlinkSync(ENABLED)).toMatch(/\/lib\/systemd\/system\/berth\.service$/);
    expect(readConfig(100)).toBe(before);
  });

  it('succeeds when the agent does not start, and says so', () => {
    writeFileSync('/run/agent-fails', '');
    const { code, stderr } = dpkg('--install', deb);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('systemctl status berth') });
  });

  it('does not start it when a placement is in force from before, and says how it is started', () => {
    placeSomething();
    expect(dpkg('--install', deb).stdout).toContain('at once: systemctl start berth');
    expect(calls()).toEqual(['daemon-reload']);
  });
});

describe('an upgrade', () => {
  beforeEach(() => {
    begin();
    dpkg('--install', deb);
    calls();
  });

  it('stops nothing before, has systemd read the new unit, and restarts the agent once', () => {
    placeSomething();
    expect(dpkg('--install', later)).toMatchObject({ code: 0 });
    expect(calls().filter((call, index, all) => call !== all[index - 1])).toEqual([
      'daemon-reload',
      'restart berth.service',
    ]);
    expect(installedVersion()).toBe(`install ok installed ${LATER}`);
    expect(readFileSync(UNIT, 'utf8')).toContain(`Description=Berth ${LATER}:`);
  });

  it('leaves an agent stopped that somebody has stopped', () => {
    placeSomething();
    rmSync(AGENT);
    dpkg('--install', later);
    expect(calls()).not.toContain('restart berth.service');
    expect(existsSync(AGENT)).toBe(false);
  });

  it('leaves one disabled that somebody has disabled, and keeps what somebody has added to the unit', () => {
    placeSomething();
    rmSync(AGENT);
    rmSync(ENABLED);
    mkdirSync('/etc/systemd/system/berth.service.d', { recursive: true });
    writeFileSync('/etc/systemd/system/berth.service.d/own.conf', '[Service]\nNice=5\n');
    expect(dpkg('--install', later)).toMatchObject({ code: 0 });
    expect(existsSync(ENABLED)).toBe(false);
    expect(readFileSync('/etc/systemd/system/berth.service.d/own.conf', 'utf8')).toContain('Nice=5');
  });

  it('changes nothing when the archive is broken, and the agent runs', () => {
    const broken = '/run/broken.deb';
    writeFileSync(broken, readFileSync(later));
    truncateSync(broken, 1_000_000);
    expect(dpkg('--install', broken).code).toBe(1);
    expect(installedVersion()).toBe(`install ok installed ${VERSION}`);
    expect(run('berth', '--version').stdout).toBe(`${VERSION}\n`);
    expect(dpkg('--verify', 'berth')).toMatchObject({ code: 0, stdout: '' });
    expect(calls()).not.toContain('stop berth.service');
    expect(existsSync(AGENT)).toBe(true);
  });

  /** Renames are what makes unpacked files the installed ones; there are about as many as files. */
  it.each([1, 20])('that is killed at rename %i leaves a program that works, and is made good by the next', when => {
    const kill = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=rename', '-e', `inject=rename:signal=KILL:when=${when}`];
    expect(run('strace', ...kill, 'dpkg', '--no-triggers', '--unpack', later).code).not.toBe(0);
    expect([VERSION, LATER]).toContain(run('berth', '--version').stdout.trim());
    expect(run('berth', 'history')).toMatchObject({ code: 0 });
    expect(existsSync(AGENT)).toBe(true);
    expect(dpkg('--install', later)).toMatchObject({ code: 0 });
    expect(installedVersion()).toBe(`install ok installed ${LATER}`);
    expect(dpkg('--verify', 'berth')).toMatchObject({ code: 0, stdout: '' });
  });

  /** From a disk without any room, through one that is full in the middle of unpacking, to one that fits all but the last files. */
  it.each([0, 1, 4])('on a full disk (%i MiB left) leaves what was there, and goes through once there is room', mib => {
    placeSomething();
    const filler = fillDisk(mib);
    const { code, stderr } = dpkg('--install', later);
    rmSync(filler);
    // 2 when dpkg cannot even note what it does.
    expect(code).toBeOneOf([1, 2]);
    expect(stderr).toContain('No space left on device');
    expect(run('berth', '--version').stdout).toBe(`${VERSION}\n`);
    expect(run('berth', 'history')).toMatchObject({ code: 0 });
    expect(existsSync(AGENT)).toBe(true);
    expect(existsSync(PLACEMENT)).toBe(true);
    expect(dpkg('--install', later)).toMatchObject({ code: 0 });
    expect(installedVersion()).toBe(`install ok installed ${LATER}`);
    expect(dpkg('--verify', 'berth')).toMatchObject({ code: 0, stdout: '' });
  });

  it('that ends between unpacking and configuring keeps the old agent until it goes on', () => {
    expect(dpkg('--unpack', later)).toMatchObject({ code: 0 });
    expect(calls().filter(call => call !== 'daemon-reload')).toEqual([]);
    expect(existsSync(AGENT)).toBe(true);
    expect(dpkg('--configure', 'berth')).toMatchObject({ code: 0 });
    expect(calls().at(-1)).toBe('restart berth.service');
  });
});

describe('a downgrade', () => {
  beforeEach(() => {
    begin();
    dpkg('--install', later);
    mkdirSync(JOURNAL, { recursive: true });
  });

  it('has nothing to say when it understands what there is', () => {
    placeSomething();
    const { code, stdout } = dpkg('--install', deb);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.not.stringContaining('earlier version') });
    expect(installedVersion()).toBe(`install ok installed ${VERSION}`);
  });

  it.each([
    ['journal', `${JOURNAL}/0001.json`, 'berth/journal/2'],
    ['placement', PLACEMENT, 'berth/placement/2'],
  ])('says that it does not understand the %s, and what to do', (_, file, schema) => {
    placeSomething();
    writeFileSync(file, JSON.stringify({ schema }));
    const { code, stdout } = dpkg('--install', deb);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(file) });
    expect(stdout).toContain(`${VERSION} is an earlier version than ${LATER}`);
    expect(stdout).toContain('A later version of Berth may have written it');
    expect(stdout).toContain(`Install ${LATER} again`);
    expect(readFileSync(file, 'utf8')).toContain(schema);
  });
});

describe('removing', () => {
  beforeEach(() => {
    begin();
    writeVmConfig(100, { cores: 1 });
    writeFileSync(configPath(100), `${readConfig(100)}hookscript: local:snippets/berth-hook.sh\n`);
    dpkg('--install', deb);
    placeSomething();
    calls();
  });

  it('ends the agent, gives guests back their hookscripts, and says that pins stay', () => {
    const { code, stdout } = dpkg('--remove', 'berth');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('berth undo') });
    expect(calls()).toEqual(['stop berth.service', 'daemon-reload']);
    expect(readConfig(100)).not.toContain('hookscript');
    expect(existsSync(PLACEMENT)).toBe(true);
  });

  it('goes on when a guest cannot be changed, and says that it starts all the same', () => {
    writeFileSync(configPath(100), `${readConfig(100)}lock: backup\n`);
    const { code, stderr } = dpkg('--remove', 'berth');
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('start as before') });
    expect(readConfig(100)).toContain('hookscript');
  });

  it('purged: what is this node’s is gone, what is the cluster’s stays', () => {
    mkdirSync(JOURNAL, { recursive: true });
    mkdirSync('/run/berth', { recursive: true });
    const { code, stdout } = dpkg('--purge', 'berth');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('rm -r /etc/pve/berth') });
    for (const gone of ['/var/lib/berth', '/run/berth', ENABLED, '/usr/bin/berth'])
      expect(existsSync(gone)).toBe(false);
    expect(existsSync(PLACEMENT)).toBe(true);
  });
});

/** All that is written goes to the tmpfs of /run: leaves so much of it. The path of what fills it. */
function fillDisk(leftMiB: number): string {
  const filler = '/run/filler';
  const { bavail, bsize } = statfsSync('/run');
  writeFileSync(filler, Buffer.alloc(bavail * bsize - leftMiB * 1024 ** 2));
  return filler;
}

/** dpkg lists directories, too. */
const isDirectoryOf = (files: readonly string[], file: string): boolean =>
  file === '/.' || files.some(other => other.startsWith(`${file}/`));
