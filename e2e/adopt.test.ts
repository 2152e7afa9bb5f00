// Adopting guests that were pinned by hand: real QEMU processes, pinned thread by thread with taskset, which nothing may move.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { openHost } from '#host/open-host.ts';
import { runBerth } from './berth.ts';
import { configPath, PLACEMENT, readConfig, resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, type QemuGuestOptions, startQemuGuest } from './qemu-guest.ts';
import { onlineCpus, threadMasks } from './thread-masks.ts';

const POLICY = '/etc/pve/berth/policy.yaml';

const guests: QemuGuest[] = [];
let host: Host;
let cpus: readonly number[] = [];

beforeAll(() => {
  enterPrivateMounts();
  host = openHost('/');
  cpus = onlineCpus().ids;
  if (cpus.length < 2) throw new Error('These tests need a machine with two CPUs');
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

function taskset(tid: number, list: string): void {
  const { status, stderr } = spawnSync('taskset', ['--cpu-list', '--pid', list, `${tid}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** As the scripts do that people share: every thread to the emulator's CPUs, then each vCPU to one of its own. */
async function pinByHand(guest: QemuGuest, { vcpus, others }: { vcpus: readonly number[]; others: string }) {
  for (const tid of host.list(`/proc/${guest.pid}/task`)) taskset(Number(tid), others);
  const { vcpus: threads } = await host.queryVmThreads(vmId(guest.vmid));
  for (const { tid, index } of threads) taskset(tid, `${vcpus[index]}`);
}

const firstAndLast = () => ({ first: cpus[0] ?? 0, last: cpus.at(-1) ?? 0 });

describe('berth adopt', () => {
  it('takes over guests pinned with taskset, moves no thread, and verify is true at once; undo forgets them', async () => {
    const { first, last } = firstAndLast();
    writeVmConfig(100, { cores: 1 });
    writeVmConfig(101, { cores: 2 });
    writeFileSync(configPath(100), `${readConfig(100)}affinity: ${encodeIdList(cpuSet([first, last]))}\n`, 'latin1');
    mkdirSync('/etc/pve/berth', { recursive: true });
    writeFileSync(POLICY, '# ours, by hand\nguests:\n  900: { class: shared }  # somebody else\n');
    const dedicated = startGuest({ vmid: 100, cores: 1 });
    const confined = startGuest({ vmid: 101, cores: 2 });
    const rest = encodeIdList(cpuSet(cpus.filter(cpu => cpu !== last)));
    await pinByHand(dedicated, { vcpus: [last], others: rest });
    for (const tid of host.list(`/proc/${confined.pid}/task`)) taskset(Number(tid), rest);
    const before = {
      masks: [threadMasks(dedicated), threadMasks(confined)],
      configs: [readConfig(100), readConfig(101)],
    };

    expect(runBerth(['adopt'])).toMatchObject({ code: 1 });
    expect(existsSync(PLACEMENT)).toBe(false);
    const adopted = runBerth(['adopt', '--yes']);
    expect(adopted.stderr).toBe('');
    expect(adopted.code).toBe(0);
    expect(adopted.stdout).toMatch(new RegExp(`100 guest100 .*dedicated\\n.* 0\\S+${last} on node`));
    expect(readFileSync(POLICY, 'latin1')).toMatch(
      /^# ours, by hand\n[\s\S]*900: \{ class: shared \} {2}# somebody else\n/,
    );
    expect(runBerth(['policy']).stdout).toContain('class: dedicated');
    const placement = JSON.parse(readFileSync(PLACEMENT, 'latin1'));
    expect(placement.guests).toMatchObject([
      { vmid: 100, vcpus: [`${last}`], emulator: rest },
      { vmid: 101, class: 'confined', vcpus: [rest, rest] },
    ]);

    expect(runBerth(['verify'])).toMatchObject({ code: 0 });
    const after = {
      masks: [threadMasks(dedicated), threadMasks(confined)],
      configs: [readConfig(100), readConfig(101)],
    };
    expect(after).toEqual(before);
    // Verify looks at the threads, not at the record.
    taskset(dedicated.pid, `${last}`);
    expect(runBerth(['verify'])).toMatchObject({ code: 2 });
    taskset(dedicated.pid, rest);

    expect(runBerth(['adopt', '100', '--yes']).stderr).toContain('Berth has placed it already');
    expect(runBerth(['undo', '--yes'])).toMatchObject({ code: 0 });
    expect(existsSync(PLACEMENT)).toBe(false);
    expect(runBerth(['policy']).stdout).not.toContain('100:');
    expect([threadMasks(dedicated), threadMasks(confined)]).toEqual(before.masks);
  });

  it('says of a guest beside others that it is not alone, and plans to keep them off', async () => {
    const { first, last } = firstAndLast();
    writeVmConfig(100, { cores: 1 });
    writeVmConfig(101, { cores: 1 });
    const critical = startGuest({ vmid: 100, cores: 1 });
    const other = startGuest({ vmid: 101, cores: 1 });
    await pinByHand(critical, { vcpus: [last], others: `${first}` });
    const before = [threadMasks(critical), threadMasks(other)];

    const json = JSON.parse(runBerth(['--json', 'adopt', '--yes']).stdout);
    expect(json).toMatchObject({ schema: 'berth/adopt/1', appliedBy: '0001', left: [] });
    expect(json.adopted).toMatchObject([{ placed: { vmid: 100, class: 'confined' }, beside: [101] }]);
    expect(runBerth(['verify'])).toMatchObject({ code: 0 });
    expect([threadMasks(critical), threadMasks(other)]).toEqual(before);

    const planned = runBerth(['plan']);
    expect(planned.code).toBe(2);
    expect(planned.stdout).toMatch(/VM 101, live threads/);
    expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
    expect(threadMasks(critical).filter(line => line.endsWith(` ${last}`))).toHaveLength(1);
  });

  it('touches nothing where two guests are pinned to the same CPU', async () => {
    const { first, last } = firstAndLast();
    for (const vmid of [100, 101]) {
      writeVmConfig(vmid, { cores: 1 });
      await pinByHand(startGuest({ vmid, cores: 1 }), { vcpus: [last], others: `${first}` });
    }
    const ran = runBerth(['adopt', '--yes']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/100 guest100: its CPUs \d+ are also those of 101/);
    expect(existsSync(PLACEMENT)).toBe(false);
    expect(runBerth(['adopt', '101', '--yes'])).toMatchObject({ code: 1 });
  });
});
