// The main job on this machine's real topology, with real QEMU processes: plan, apply, verify, break, heal, undo.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { vmId } from '#domain/ids.ts';
import { installStandInQm } from '#fixtures/install-stand-in-qm.ts';
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { runBerth } from './berth.ts';
import { configPath, PLACEMENT, readConfig, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts, mountFile, mountTmpfs, unmount } from './private-mounts.ts';
import { type QemuGuest, type QemuGuestOptions, startQemuGuest } from './qemu-guest.ts';
import { maskOf, masksByRole, onlineCpus } from './thread-masks.ts';

const guests: QemuGuest[] = [];
let host: Host;
let online = '';

beforeAll(() => {
  enterPrivateMounts();
  host = openHost('/');
  online = encodeIdList(onlineCpus());
  if (parseCpuList(online).size < 2) throw new Error('These tests need a machine with two CPUs');
});

beforeEach(resetNode);

afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.stop();
});

function startGuest(options: QemuGuestOptions): QemuGuest {
  const guest = startQemuGuest(options);
  guests.push(guest);
  return guest;
}

const masksOf = (guest: QemuGuest) => masksByRole(guest, host);

/** Guest 100 has one vCPU and wants a CPU of its own; guest 101 is like any other. */
function startPair(): { critical: QemuGuest; shared: QemuGuest } {
  writeVmConfig(100, { cores: 1 });
  writeVmConfig(101, { cores: 2 });
  const critical = startGuest({ vmid: 100, cores: 1, paused: false });
  const shared = startGuest({ vmid: 101, cores: 2 });
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
  return { critical, shared };
}

describe('berth on the live host', () => {
  it('plans, applies, verifies, notices a broken mask, heals it and puts everything back', async () => {
    const { critical, shared } = startPair();
    const before = [readConfig(100), readConfig(101)];

    const planned = runBerth(['plan']);
    expect(planned).toMatchObject({ code: 2 });
    expect(planned.stdout).not.toContain('simulated');

    const applied = runBerth(['apply', '--yes']);
    expect(applied.stderr).toBe('');
    expect(applied.code).toBe(0);
    const own = (await masksOf(critical)).vcpus;
    expect(parseCpuList(own[0] ?? '').size).toBe(1);
    expect(own).not.toEqual(['0']);
    const left = encodeIdList(parseCpuList(online).difference(parseCpuList(own[0] ?? '')));
    expect(parseCpuList((await masksOf(critical)).others[0] ?? '').has(0 as never)).toBe(true);
    expect((await masksOf(critical)).others).toHaveLength(1);
    expect(await masksOf(shared)).toEqual({ vcpus: [left, left], others: [left] });
    expect(readConfig(100)).toContain('[PENDING]\naffinity: ');
    expect(readConfig(100).startsWith(before[0] ?? '?')).toBe(true);

    expect(runBerth(['verify'])).toMatchObject({ code: 0 });
    expect(runBerth(['apply', '--yes']).stdout).toContain('nothing was changed');

    const tid = (await host.queryVmThreads(vmId(100))).vcpus[0]?.tid ?? 0;
    expect(spawnSync('taskset', ['--cpu-list', '--pid', online, `${tid}`]).status).toBe(0);
    const broken = runBerth(['verify']);
    expect(broken.code).toBe(2);
    expect(broken.stdout).toContain(`vCPU 0 (thread ${tid})`);
    const json = JSON.parse(runBerth(['--json', 'verify']).stdout) as { findings: { code: string; tid: number }[] };
    expect(json.findings.filter(({ code }) => code === 'vcpu-mask')).toMatchObject([{ tid }]);

    expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
    expect((await masksOf(critical)).vcpus).toEqual(own);
    expect(runBerth(['verify'])).toMatchObject({ code: 0 });

    // The healing first, then the apply itself.
    expect(runBerth(['undo', '1', '--yes'])).toMatchObject({ code: 1 });
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect((await masksOf(critical)).vcpus).toEqual([online]);
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect(await masksOf(shared)).toEqual({ vcpus: [online, online], others: [online] });
    expect([readConfig(100), readConfig(101)]).toEqual(before);
    expect(existsSync(PLACEMENT)).toBe(false);
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 1 });
  });

  it('puts each vCPU of a hand-written placement on its CPU, in the order of QEMU', async () => {
    const cpus = parseCpuList(online).ids.slice(0, 2);
    const [first = 0, second = 0] = cpus;
    writeVmConfig(102, { cores: 2 });
    const guest = startGuest({ vmid: 102, cores: 2 });
    expect(runBerth(['policy', 'set', '102', 'class=confined'])).toMatchObject({ code: 0 });
    const file = join(mkdtempSync(join(tmpdir(), 'berth-')), 'plan.json');
    expect(runBerth(['plan', '--out', file])).toMatchObject({ code: 2 });

    // By hand: vCPU 0 on the second CPU, vCPU 1 on the first.
    const plan = JSON.parse(readFileSync(file, 'latin1'));
    const { vcpus } = await host.queryVmThreads(vmId(102));
    plan.placement.guests[0].vcpus = [`${second}`, `${first}`];
    const [pid, startTime] = plan.basis.guests[0].process.split('/').map(Number);
    const threads = vcpus.map(({ tid, index }) => ({
      tid,
      role: { kind: 'vcpu', index },
      before: maskOf(guest.pid, tid),
      after: `${index === 0 ? second : first}`,
    }));
    plan.changes = plan.changes.filter((change: { kind: string }) => change.kind !== 'threads');
    plan.changes.push({ kind: 'threads', vmid: 102, pid, startTime, threads });
    writeFileSync(file, JSON.stringify(plan));

    expect(runBerth(['check-plan', file])).toMatchObject({ code: 0 });
    expect(runBerth(['apply', file, '--yes'])).toMatchObject({ code: 0 });
    expect((await masksOf(guest)).vcpus).toEqual([`${second}`, `${first}`]);
    expect(runBerth(['verify', '102'])).toMatchObject({ code: 0 });
  });

  it('goes through qm where Proxmox is installed, and takes pending values back', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'berth-qm-'));
    await installStandInQm(directory);
    const env = { PATH: `${directory}:${process.env.PATH ?? ''}`, STAND_IN_ETC_PVE: '/etc/pve', STAND_IN_RUN: '/run' };
    const { critical } = startPair();
    writeFileSync(configPath(100), `${readConfig(100)}affinity0: 0\n`, 'latin1');

    const planned = runBerth(['plan'], { env });
    expect(planned.stdout).toMatch(/line \d+ "affinity0: 0" will be dropped when Proxmox rewrites the file/);
    expect(runBerth(['apply', '--yes'], { env })).toMatchObject({ code: 0 });
    expect(readConfig(100)).toContain('[PENDING]\naffinity: ');
    expect(readConfig(100)).not.toContain('affinity0');
    expect(parseCpuList((await masksOf(critical)).vcpus[0] ?? '').size).toBe(1);

    expect(runBerth(['undo', '--yes'], { env })).toMatchObject({ code: 0 });
    expect(readConfig(100)).not.toContain('affinity');
    expect((await masksOf(critical)).vcpus).toEqual([online]);
  });

  it('keeps the memory of a guest from being merged where the node knows how, and says where it does not', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'berth-qm-'));
    await installStandInQm(directory);
    const env = { PATH: `${directory}:${process.env.PATH ?? ''}`, STAND_IN_ETC_PVE: '/etc/pve', STAND_IN_RUN: '/run' };
    startPair();
    expect(runBerth(['policy', 'set', '100', 'ksm=off'], { env })).toMatchObject({ code: 0 });
    const ofPackages = (version: string) => {
      const file = join(directory, version);
      writeFileSync(file, `Package: qemu-server\nStatus: install ok installed\nVersion: ${version}\n`);
      mountFile(file, '/var/lib/dpkg/status');
    };

    ofPackages('9.0.26');
    const older = runBerth(['plan'], { env });
    expect(older.stdout).toContain(
      'The memory of guest 100 may still be merged by KSM: qemu-server of this node is older',
    );
    expect(older.stdout).not.toContain('+ allow-ksm');

    ofPackages('9.0.27');
    expect(runBerth(['plan'], { env }).stdout).toMatch(/100\.conf, for its next start\n(.*\n)*.*\+ allow-ksm: 0\n/);
    expect(runBerth(['apply', '--yes'], { env })).toMatchObject({ code: 2 });
    expect(readConfig(100)).toMatch(/\[PENDING\]\n(.*\n)*allow-ksm: 0\n/);
    const verified = runBerth(['verify'], { env });
    expect(verified).toMatchObject({ code: 2, stdout: expect.stringContaining('allow-ksm') });
    expect(runBerth(['undo', '--yes'], { env })).toMatchObject({ code: 0 });
    expect(readConfig(100)).not.toContain('allow-ksm');
    for (const _ of [1, 2]) unmount('/var/lib/dpkg/status');
  });
});

describe('berth stops half way', () => {
  it('when a guest dies under it: says how far it came, goes on later, and undoes all of it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'berth-qm-'));
    const qm = await installStandInQm(join(directory, 'real'));
    const { critical, shared } = startPair();
    const before = [readConfig(100), readConfig(101)];
    // Proxmox's command works, but the guest dies while it runs.
    const script = `#!/bin/sh\n[ "$2" = 100 ] && kill -9 ${critical.pid} && sleep 0.2\nexec ${qm} "$@"\n`;
    writeFileSync(join(directory, 'qm'), script, { mode: 0o755 });
    const env = { PATH: `${directory}:${process.env.PATH ?? ''}`, STAND_IN_ETC_PVE: '/etc/pve', STAND_IN_RUN: '/run' };

    const ran = runBerth(['apply', '--yes'], { env });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/failed threads of VM 100 .*VM 100 ended or was restarted/);
    expect(ran.stdout).toMatch(/\d+ done, 1 failed, 0 not tried/);
    expect((await masksOf(shared)).vcpus[0]).not.toBe(online);

    expect(runBerth(['history']).stdout).toMatch(/^0001 .* stopped/);
    const again = startGuest({ vmid: 100, cores: 1 });
    expect(runBerth(['apply', '--yes'], { env }).code).not.toBe(1);
    expect(parseCpuList((await masksOf(again)).vcpus[0] ?? '').size).toBe(1);
    expect(runBerth(['undo', '--yes'], { env })).toMatchObject({ code: 0 });
    expect(runBerth(['undo', '--yes'], { env })).toMatchObject({ code: 0 });
    expect(await masksOf(shared)).toEqual({ vcpus: [online, online], others: [online] });
    // Proxmox's rewrite sorts the keys and escapes the description; that the plan says beforehand.
    const keyLines = (text: string) =>
      text
        .split('\n')
        .filter(line => /^\w/.test(line))
        .sort();
    expect([readConfig(100), readConfig(101)].map(keyLines)).toEqual(before.map(keyLines));
  });
});

describe('berth refuses, and changes nothing,', () => {
  /** Runs something that must fail, and proves that no mask and no config moved. */
  async function expectUntouched(guest: QemuGuest, work: () => ReturnType<typeof runBerth>) {
    const before = { masks: await masksOf(guest), config: readConfig(guest.vmid) };
    const ran = work();
    expect(ran.code).toBe(1);
    expect(ran.stderr).not.toContain('bug in berth');
    expect({ masks: await masksOf(guest), config: readConfig(guest.vmid) }).toEqual(before);
    return ran;
  }

  it('a policy with a typo, at its line and column', async () => {
    const { critical } = startPair();
    mkdirSync('/etc/pve/berth', { recursive: true });
    writeFileSync('/etc/pve/berth/policy.yaml', 'guests:\n  100: { clas: dedicated }\n');
    const ran = await expectUntouched(critical, () => runBerth(['apply', '--yes']));
    expect(ran.stderr).toContain(
      '/etc/pve/berth/policy.yaml:2:10: guests.100: unknown key "clas"; did you mean "class"?',
    );
  });

  it('without --yes when there is no terminal', async () => {
    const { critical } = startPair();
    expect((await expectUntouched(critical, () => runBerth(['apply']))).stderr).toContain('--yes');
  });

  it('a plan whose guest was edited in between', async () => {
    const { critical } = startPair();
    const file = join(mkdtempSync(join(tmpdir(), 'berth-')), 'plan.json');
    runBerth(['plan', '--out', file]);
    writeFileSync(configPath(100), `${readConfig(100)}onboot: 1\n`, 'latin1');
    const ran = await expectUntouched(critical, () => runBerth(['apply', file, '--yes']));
    expect(ran.stderr).toContain('the config of guest 100 was edited');
  });

  it('a plan whose guest has died', async () => {
    const { critical, shared } = startPair();
    const file = join(mkdtempSync(join(tmpdir(), 'berth-')), 'plan.json');
    runBerth(['plan', '--out', file]);
    await critical.kill();
    const ran = await expectUntouched(shared, () => runBerth(['apply', file, '--yes']));
    expect(ran.stderr).toContain('guest 100 was stopped');
  });

  it('while QEMU does not answer', async () => {
    const { critical, shared } = startPair();
    process.kill(critical.pid, 'SIGSTOP');
    const ran = await expectUntouched(shared, () => runBerth(['apply', '--yes']));
    expect(ran.stderr).toMatch(/VM 100 runs, but its threads are not known: .*100\.qmp.* did not answer|within/);
    expect(runBerth(['plan']).stdout).toContain('[guest-unread]');
    process.kill(critical.pid, 'SIGCONT');
  });

  it('a plan that was edited to write elsewhere', async () => {
    const { critical } = startPair();
    const file = join(mkdtempSync(join(tmpdir(), 'berth-')), 'plan.json');
    runBerth(['plan', '--out', file]);
    writeFileSync(file, readFileSync(file, 'latin1').replaceAll(configPath(100), '/etc/passwd'));
    const passwd = readFileSync('/etc/passwd', 'latin1');
    const ran = await expectUntouched(critical, () => runBerth(['apply', file, '--yes']));
    expect(ran.stderr).toContain('/etc/passwd');
    expect(readFileSync('/etc/passwd', 'latin1')).toBe(passwd);
  });

  it('a user without the right to change anything', async () => {
    const { critical } = startPair();
    const ran = await expectUntouched(critical, () => runBerth(['apply', '--yes'], { uid: 65_534 }));
    expect(ran.stderr).toMatch(/^berth: Cannot .*(permission denied|not permitted)/i);
  });

  it('a full disk, before the first step', async () => {
    const { critical } = startPair();
    mkdirSync('/var/lib/berth/journal', { recursive: true });
    mountTmpfs('/var/lib/berth/journal', '4k');
    const ran = await expectUntouched(critical, () => runBerth(['apply', '--yes']));
    expect(ran.stderr).toMatch(/\/var\/lib\/berth\/journal\/0001\.json.*no space/i);
    expect(existsSync(PLACEMENT)).toBe(false);
    expect(spawnSync('umount', ['/var/lib/berth/journal']).status).toBe(0);
  });
});
