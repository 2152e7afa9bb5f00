// On a Proxmox VE and a kernel that Berth was not built for, whatever promises or changes something says so once, and in its JSON.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDemoHost } from '#fixtures/demo-host.ts';
import { runBerth } from './berth.ts';

const UNTRIED = [
  { what: 'proxmox', version: '10.0.1' },
  { what: 'kernel', version: '8.0.0-1-pve' },
];

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'berth-'));
  const files = [
    ...makeDemoHost(),
    ['/usr/share/perl5/PVE/pvecfg.pm', "sub version {\n    return '10.0.1';\n}\n"],
    ['/proc/sys/kernel/osrelease', '8.0.0-1-pve\n'],
  ] as const;
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, 'latin1');
  }
});
afterAll(() => rmSync(root, { recursive: true }));

describe('on versions that Berth was not built for', () => {
  // In this order: each finds what the ones before it left.
  it.each([
    'init --dedicated 101',
    'status',
    'plan',
    'apply --yes',
    'verify',
    'doctor',
    'isolate',
    'undo --yes',
    'adopt --yes',
  ])('berth %s says so', command => {
    const { stdout, stderr } = runBerth(['--root', root, '--json', ...command.split(' ')]);
    expect(JSON.parse(stdout).untried).toEqual(UNTRIED);
    // It is for people, too, and has no other place in their output; `status` has one.
    const times = stderr.split('look twice at every plan').length - 1;
    expect(times).toBe(command === 'status' ? 0 : UNTRIED.length);
  });
});
