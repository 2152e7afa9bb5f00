// Damaged configs through every reader: nothing is thrown, nothing is lost, and every complaint names its line.
// `BERTH_FUZZ=300000 npx vitest run src/proxmox/fuzz-configs.test.ts` tries more texts than the gate does.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import {
  editGuestConfigText,
  encodeGuestConfigText,
  parseGuestConfigText,
  rawConfigValue,
} from './guest-config-text.ts';
import { parseContainerGuest } from './parse-container-guest.ts';
import { parseVmGuest } from './parse-vm-guest.ts';
import { predictRewrite } from './predict-rewrite.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';

/** Texts for each reader. */
const RUNS = Number(process.env.BERTH_FUZZ ?? 4_000);

const LINES = [
  'affinity: 0-3,8',
  'affinity: 0',
  'numa: 1',
  'numa0: cpus=0-3,memory=8192,hostnodes=0,policy=bind',
  'numa1: cpus=4;6,memory=512,hostnodes=0;2,policy=preferred',
  'sockets: 2',
  'cores: 4',
  'vcpus: 6',
  'memory: current=16384',
  'hugepages: 1024',
  'hotplug: disk,memory',
  'name: db01',
  'tags: dedicated;prod',
  'description: a%3A b%0Ac',
  '# 100%25 full',
  'smbios1: uuid=b3247ab1-1fe6-428e-965b-08a1b64a8746',
  'meta: creation-qemu=9.0.2,ctime=1725975013',
  'scsi0: local-lvm:vm-100-disk-0,size=8G',
  'ide2: local-lvm:vm-100-cloudinit,media=cdrom',
  'unused0: local-lvm:vm-100-disk-0',
  'hostpci0: 0000:01:00.0',
  'smp: 4',
  'cdrom: none',
  'delete: numa,!affinity',
  'lxc.cgroup2.cpuset.cpus: 0-3',
  'lxc.cgroup2.cpuset.cpus = 4-7',
  'hostname: web01',
  '[PENDING]',
  '[pve:pending]',
  '[special:cloudinit]',
  '[special:fleecing]',
  '[special:x]',
  '[snap1]',
  'snapstate: prepare',
  '',
];

const byte = fc.nat({ max: 255 }).map(code => String.fromCharCode(code));
const rubbish = fc.oneof(
  fc.constantFrom(',', ';', '-', ':', '=', '"', '%', '#', '[', ']', '\n', '\r', '\0', '\xa0', '__proto__: 1\n'),
  fc.constantFrom('0', '65536', '99999999999999999999', '-1', '1e999', 'NaN', '0x10'),
  fc.string({ unit: byte, maxLength: 12 }),
);
/** Takes some characters out of a text, at a place of 10,000, and puts rubbish there. */
const damage = fc.record({ place: fc.nat({ max: 9_999 }), removed: fc.nat({ max: 8 }), inserted: rubbish });

const anyConfig = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...LINES), fc.constantFrom('\n', '\n', '\n', '\r\n')), { maxLength: 14 }),
    fc.array(damage, { maxLength: 5 }),
  )
  .map(([lines, damages]) =>
    damages.reduce((text, { place, removed, inserted }) => {
      const at = Math.floor((text.length * place) / 10_000);
      return text.slice(0, at) + inserted + text.slice(at + removed);
    }, lines.flat().join('')),
  );

const fileOf = (text: string) => ({ vmid: vmId(100), configPath: '/etc/pve/100.conf', digest: '0'.repeat(40), text });

function expectLocated(warnings: readonly string[], text: string): void {
  const count = text.split('\n').length;
  for (const warning of warnings) {
    const line = Number(/^line (\d+): ./.exec(warning)?.[1]);
    if (!(line >= 1 && line <= count)) throw new Error(`warning without a line of the text: ${warning}`);
  }
}

function expectEdit(text: string, section: 'main' | 'pending'): void {
  const edit = { section, set: new Map([['affinity', '4-7']]), remove: ['numa'] };
  const edited = editGuestConfigText(text, edit);
  const lines = parseGuestConfigText(edited);
  expect(rawConfigValue(lines, section, 'affinity')).toBe('4-7');
  expect(rawConfigValue(lines, section, 'numa')).toBeNull();
  expect(editGuestConfigText(edited, edit)).toBe(edited);
  // What the edit is not about stays, in its order.
  const others = (config: string) =>
    config
      .split('\n')
      .map(line => line.replace(/\r+$/, ''))
      .filter(line => !/^(affinity|numa|delete):|^\[PENDING\]$|^$/.test(line));
  expect(others(edited)).toEqual(others(text));
}

function expectPrediction(text: string): void {
  const lines = text.split('\n');
  for (const { line, before, after } of predictRewrite(text, VM_CONFIG_SCHEMA)) {
    expect(lines[line - 1]).toBe(before);
    expect(after).not.toBe(before);
  }
}

describe('damaged configs', () => {
  it.each<[string, (text: string) => void]>([
    [
      'parseVmGuest() names the line of every warning',
      text => expectLocated(parseVmGuest(fileOf(text)).warnings, text),
    ],
    [
      'parseContainerGuest() names the line of every warning',
      text => expectLocated(parseContainerGuest(fileOf(text)).warnings, text),
    ],
    [
      'parseGuestConfigText() is undone byte for byte',
      text => {
        expect(encodeGuestConfigText(parseGuestConfigText(text))).toBe(text);
      },
    ],
    ['editGuestConfigText() changes its own lines of the main section', text => expectEdit(text, 'main')],
    ['editGuestConfigText() changes its own lines of [PENDING]', text => expectEdit(text, 'pending')],
    ['predictRewrite() tells of lines that are there', expectPrediction],
  ])(
    '%s',
    (_, check) => {
      fc.assert(fc.property(anyConfig, check), { seed: 20_250_101, numRuns: RUNS });
    },
    60_000 + RUNS * 10,
  );
});
