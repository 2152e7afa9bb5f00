// Guests that are given the hookscript, and get their own back: files and undo, as on a node.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBerth } from './berth.ts';
import { configPath, readConfig, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';

const SNIPPET = '/run/scripts/snippets/berth-hook.sh';
const VOLUME = 'scripts:snippets/berth-hook.sh';
const STORAGE = 'dir: scripts\n\tpath /run/scripts\n\tcontent iso,snippets\n';
const CHAIN = '/etc/pve/berth/hooks/100';

beforeAll(enterPrivateMounts);

beforeEach(() => {
  resetNode();
  rmSync('/run/scripts', { recursive: true, force: true });
  mkdirSync('/run/scripts/snippets', { recursive: true });
  writeFileSync('/etc/pve/storage.cfg', STORAGE);
});

const hook = (...args: string[]) => runBerth(['hook', ...args, '--storage', 'scripts', '--yes']);
const addLine = (line: string) => writeFileSync(configPath(100), `${readConfig(100)}${line}\n`, 'latin1');

describe('berth hook install', () => {
  it('puts the script in place and names it in the config, and nothing else there changes', () => {
    const before = writeVmConfig(100, { cores: 1 });
    expect(hook('install', '100')).toMatchObject({ code: 0 });
    expect(statSync(SNIPPET).mode & 0o777).toBe(0o755);
    expect(
      readConfig(100)
        .split('\n')
        .filter(line => !before.split('\n').includes(line)),
    ).toEqual([`hookscript: ${VOLUME}`]);
    expect(existsSync(CHAIN)).toBe(false);
    expect(hook('install', '100').stdout).toContain('Nothing needs to change');
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect(readConfig(100)).toBe(before);
  });

  it('remembers the hookscript that the guest had, for every node, and gives it back', () => {
    writeVmConfig(100, { cores: 1 });
    addLine('hookscript: scripts:snippets/mine.sh');
    const before = readConfig(100);
    expect(hook('install', '--all')).toMatchObject({ code: 0 });
    expect(readConfig(100)).toContain(`hookscript: ${VOLUME}`);
    expect(readFileSync(CHAIN, 'latin1')).toBe(
      'volume: scripts:snippets/mine.sh\npath: /run/scripts/snippets/mine.sh\n',
    );
    expect(hook('remove', '--all')).toMatchObject({ code: 0 });
    expect(readConfig(100)).toBe(before);
    expect(existsSync(CHAIN)).toBe(false);
    expect(existsSync(SNIPPET)).toBe(true);
  });

  it('takes it from templates too, in any storage, and gives it to none', () => {
    writeVmConfig(100, { cores: 1 });
    addLine('template: 1');
    const before = readConfig(100);
    hook('install', '--all');
    expect(readConfig(100)).toBe(before);
    addLine('hookscript: other:snippets/berth-hook.sh');
    expect(runBerth(['hook', 'remove', '--all', '--yes'])).toMatchObject({ code: 0 });
    expect(readConfig(100)).toBe(before);
  });

  it('undoes both, the chain too', () => {
    writeVmConfig(100, { cores: 1 });
    addLine('hookscript: scripts:snippets/mine.sh');
    const before = readConfig(100);
    expect(hook('install', '100')).toMatchObject({ code: 0 });
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect(readConfig(100)).toBe(before);
    expect(existsSync(CHAIN)).toBe(false);
  });

  it.each<[string, () => void, string]>([
    [
      'a storage without snippets',
      () => writeFileSync('/etc/pve/storage.cfg', STORAGE.replace(',snippets', '')),
      'takes no snippets: `pvesm set scripts --content iso,snippets`',
    ],
    ['a storage that is not there', () => writeFileSync('/etc/pve/storage.cfg', ''), 'There is no storage "scripts"'],
    [
      'a storage of another node',
      () => writeFileSync('/etc/pve/storage.cfg', `${STORAGE}\tnodes elsewhere\n`),
      'is not on node',
    ],
    [
      'a node that is not known to have the script',
      () => void mkdirSync('/etc/pve/nodes/elsewhere'),
      'run `berth hook install --storage scripts` there first',
    ],
    [
      'a hookscript that cannot be found again',
      () => addLine('hookscript: gone:snippets/mine.sh'),
      'it could not be called any more',
    ],
    ['a guest that Proxmox has locked', () => addLine('lock: backup'), 'is locked (backup)'],
  ])('refuses %s, and changes nothing', (_case, spoil, message) => {
    writeVmConfig(100, { cores: 1 });
    spoil();
    const before = readConfig(100);
    const { code, stderr } = hook('install', '100');
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(readConfig(100)).toBe(before);
    expect(existsSync(CHAIN)).toBe(false);
  });

  it('shows what it would change, and changes nothing unasked', () => {
    const before = writeVmConfig(100, { cores: 1 });
    const { code, stdout, stderr } = runBerth(['hook', 'install', '100', '--storage', 'scripts']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(stdout).toContain(`+ hookscript: ${VOLUME}`);
    expect(readConfig(100)).toBe(before);
    expect(existsSync(SNIPPET)).toBe(false);
  });

  it('refuses a guest that is not here', () => {
    expect(hook('install', '999')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no VM 999') });
    expect(existsSync(SNIPPET)).toBe(false);
  });

  it('says that a storage is not mounted, and changes no guest', () => {
    const before = writeVmConfig(100, { cores: 1 });
    rmSync('/run/scripts', { recursive: true });
    const { code, stderr } = hook('install', '100');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('/run/scripts/snippets is not there'),
    });
    expect(readConfig(100)).toBe(before);
  });

  it('only puts the script in place without guests, which other nodes then know', () => {
    writeVmConfig(100, { cores: 1 });
    mkdirSync('/etc/pve/nodes/elsewhere');
    const before = readConfig(100);
    expect(hook('install')).toMatchObject({ code: 0 });
    expect(readConfig(100)).toBe(before);
    expect(existsSync(SNIPPET)).toBe(true);
  });

  it('leaves a guest alone at remove that has another hookscript', () => {
    writeVmConfig(100, { cores: 1 });
    addLine('hookscript: scripts:snippets/mine.sh');
    const before = readConfig(100);
    expect(hook('remove', '100').stdout).toContain('Nothing needs to change');
    expect(readConfig(100)).toBe(before);
  });
});
