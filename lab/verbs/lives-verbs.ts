// Random lives of a host with real guests: starts, ends, strangers and killed agents in any order, then rest, and a look at everything.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import { crashGuest, isRunning, startGuest, stopGuest } from '../guest/start-guest.ts';
import { tryProgram } from '../inside/run-program.ts';
import { readOtherMasks, readVcpuMasks } from './thread-verbs.ts';
import { byNumber, cpuListValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

const CGROUP = '/sys/fs/cgroup';
const SLICE = `${CGROUP}/qemu.slice`;
const MOST_EVENTS = 6;

const expected = z.strictObject({
  vcpus: z.optional(byNumber(cpuListValue)),
  others: z.optional(cpuListValue),
  partition: z.optional(cpuListValue),
  /** None of its threads may run there. */
  off: z.optional(cpuListValue),
});
type Expected = z.output<typeof expected>;

export const livesVerbs = {
  /** So many lives; at the end of each every running guest is as `guests` says, within so many seconds, and no CPU is kept for nobody. */
  'random-lives': verb(
    z.strictObject({ 'random-lives': z.int(), seed: z.int(), guests: byNumber(expected), within: z.number() }),
    async ({ 'random-lives': lives, seed, guests, within }, { log, signal }) => {
      const random = makeRandom(seed);
      for (let life = 1; life <= lives && !signal.aborted; life++) {
        const events: string[] = [];
        const count = 1 + Math.floor(random() * MOST_EVENTS);
        for (let at = 0; at < count; at++) events.push(await happen(Object.keys(guests).map(Number), random));
        log(`life ${life}: ${events.join(', ')}`);
        await untilRight(guests, within, `life ${life} (${events.join(', ')})`);
      }
    },
  ),
};

/** Does one thing to one guest, and says what. */
async function happen(vmids: readonly number[], random: () => number): Promise<string> {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const vmid = pick(vmids);
  const vcpuCgroup = `${SLICE}/${vmid}.scope/vcpu`;
  const happenings: Readonly<Record<string, () => void | Promise<void>>> = {
    start: () => {
      if (!isRunning(vmid)) startGuest(vmid);
    },
    stop: () => (isRunning(vmid) ? stopGuest(vmid) : undefined),
    crash: () => (isRunning(vmid) ? crashGuest(vmid) : undefined),
    taskset: () =>
      attempt(() => void tryProgram(['taskset', '--all-tasks', '--cpu-list', '--pid', '0-7', `${pidOf(vmid)}`])),
    'a partition is ended': () => attempt(() => writeFileSync(`${vcpuCgroup}/cpuset.cpus.partition`, 'member')),
    'a vCPU is taken out': () =>
      attempt(() => {
        const [tid = ''] = readFileSync(`${vcpuCgroup}/cgroup.threads`, 'latin1').split('\n');
        writeFileSync(`${SLICE}/${vmid}.scope/cgroup.threads`, tid);
      }),
    'cpuunits change': () =>
      void tryProgram(['systemctl', 'set-property', '--runtime', `${vmid}.scope`, 'CPUWeight=200']),
    'daemon-reload': () => void tryProgram(['systemctl', 'daemon-reload']),
    'the agent is killed': () => void tryProgram(['systemctl', 'kill', '--signal=KILL', 'berth-agent']),
  };
  const name = random() < 0.3 ? 'start' : pick(Object.keys(happenings));
  await happenings[name]?.();
  return `${name} ${vmid}`;
}

const pidOf = (vmid: number): number => Number(readFileSync(`/run/qemu-server/${vmid}.pid`, 'latin1'));

/** Where there is no partition nothing can be done to it. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

async function untilRight(guests: Readonly<Record<string, Expected>>, seconds: number, what: string): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const wrong = await listWrong(guests);
    if (wrong.length === 0) return;
    if (performance.now() > end) throw new StepFailure(`After ${what}: ${wrong.join('; ')}`);
    await sleep(200);
  }
}

async function listWrong(guests: Readonly<Record<string, Expected>>): Promise<readonly string[]> {
  const wrong: string[] = [];
  const partitions: CpuSet[] = [];
  for (const [vmid, { vcpus, others, partition, off }] of Object.entries(guests)) {
    if (!isRunning(Number(vmid))) continue;
    const [vcpuMasks, otherMasks] = [await readVcpuMasks(Number(vmid)), await readOtherMasks(Number(vmid))];
    const wanted =
      vcpus &&
      Object.entries(vcpus)
        .map(([vcpu, cpus]) => `${vcpu} on ${cpus}`)
        .join(', ');
    if (wanted !== undefined && vcpuMasks !== wanted) wrong.push(`guest ${vmid}: ${vcpuMasks}, not ${wanted}`);
    if (others !== undefined && otherMasks !== `${others}`) wrong.push(`guest ${vmid}: other threads on ${otherMasks}`);
    if (partition !== undefined) partitions.push(parseCpuList(`${partition}`));
    const masks = [...vcpuMasks.split(', ').map(text => text.replace(/^.* on /, '')), ...otherMasks.split(' and ')];
    const taken = unionOf(masks.map(parseCpuList)).intersection(parseCpuList(`${off ?? ''}`));
    if (!taken.isEmpty) wrong.push(`guest ${vmid} may run on ${encodeIdList(taken)}`);
  }
  const wanted = encodeIdList(unionOf(partitions));
  for (const path of [`${CGROUP}/cpuset.cpus.isolated`, `${SLICE}/cpuset.cpus.exclusive`]) {
    const found = existsSync(path) ? readFileSync(path, 'latin1').trim() : '';
    if (found !== wanted) wrong.push(`${path}: ${found || 'none'}, not ${wanted || 'none'}`);
  }
  const kept = existsSync(SLICE) ? readdirSync(SLICE).filter(name => existsSync(`${SLICE}/${name}/vcpu`)) : [];
  if (kept.length !== partitions.length) wrong.push(`cgroups for vCPUs in ${kept.join(', ')}`);
  return wrong;
}

/** The same numbers for the same seed: a linear congruential generator, its high bits. */
function makeRandom(seed: number): () => number {
  let state = BigInt(seed) + 1n;
  return () => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 33n) / 2 ** 31;
  };
}
