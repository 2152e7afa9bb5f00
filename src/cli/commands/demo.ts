// `berth demo`: the whole job on a captured two-socket host in a scratch directory, explained and checked step by step.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeIdList } from '#domain/id-list.ts';
import { type CpuId, type VmId, vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { reservedCpus } from '#domain/placement.ts';
import { makeDemoHost } from '#fixtures/demo-host.ts';
import { openHost } from '#host/open-host.ts';
import { readInventory } from '#host/read-inventory.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { apply } from './apply.ts';
import { inspect } from './inspect.ts';
import { plan } from './plan.ts';
import { setPolicy } from './policy.ts';
import { undo } from './undo.ts';
import { verify } from './verify.ts';

/** The two guests of the story that cannot wait. */
const CRITICAL = [vmId(101), vmId(104)] as const;

/** 0 only when every step did what it says. */
export async function demo(outer: CommandContext): Promise<ExitCode> {
  const files = makeDemoHost();
  const directory = mkdtempSync(join(tmpdir(), 'berth-demo-'));
  writeTree(directory, files);
  const context: CommandContext = { ...outer, host: openHost(directory), json: false };
  const { print, paint } = context;
  const failures: string[] = [];
  const say = (...lines: string[]) => print(`${lines.join('\n')}\n`);
  const chapter = (title: string, ...lines: string[]) => say('', paint.bold(`━━ ${title}`), ...lines, '');
  const check = (what: string, isTrue: boolean) => {
    say(`${isTrue ? paint.good('✓ checked:') : paint.bad('✗ NOT SO:')} ${what}`);
    if (!isTrue) failures.push(what);
  };
  const read = () => readInventory(context.host, { residentMemory: true });
  const shell = (command: string) => say(paint.dim(`$ berth --root ${directory} ${command}`));

  say(
    paint.bold('Berth demo: one server, twelve guests, two of which cannot wait.'),
    `Everything happens in ${directory}: files captured from a host like this one, written out again.`,
    'The kernel is simulated there: pinning a thread edits the file in which the kernel would show its mask.',
    'Nothing outside that directory is touched. On a Proxmox node the same commands, without --root, do it for real.',
  );

  chapter(
    '1. What is there',
    'Two sockets, each with its own memory: a NUMA node. Each core has two threads, CPU N and CPU N+16.',
    `VM ${CRITICAL.join(' and VM ')} are latency-critical. Their vCPUs may run anywhere, so they wander between sockets,`,
    'share cores with everybody, and reach for memory on the other node. The host is mostly idle, and they still stutter.',
    'Somebody followed a tutorial: VM 101 has lines "affinity0: 0" and so on. There is no such key; Proxmox ignores them.',
  );
  shell('inspect');
  await inspect(context, {});
  const before = await read();
  for (const vmid of CRITICAL) say(describeWandering(before, vmid));
  check(
    'every vCPU of the two may run on all 32 CPUs',
    vcpuMasks(before).every(mask => mask.size === 32),
  );

  chapter(
    '2. Say what is wanted',
    'One line per guest, in /etc/pve/berth/policy.yaml. A dedicated guest gets a CPU for each vCPU, to itself.',
    'Guests that are not named are shared: they keep everything that is left.',
  );
  for (const vmid of CRITICAL) {
    shell(`policy set ${vmid} class=dedicated`);
    await setPolicy(context, { vmid, wishes: ['class=dedicated'] });
  }

  chapter(
    '3. See the plan before anything changes',
    'Cores are whole: nobody else runs on a sibling thread. CPU 0 stays with the host, where the kernel keeps time.',
    "Emulator threads go to the host's CPUs of the same node. All other guests and containers leave those cores.",
  );
  shell('plan');
  check('the plan has changes to make (exit code 2)', (await plan(context, {})) === 2);

  chapter(
    '4. Apply it',
    'Each step is journalled on disk before it is made, read back after it, and can be undone.',
    'Threads move now. What a running guest cannot change, its NUMA layout, waits in [PENDING] for its next start.',
  );
  shell('apply --yes');
  const applied = await apply(context, { file: undefined, yes: true, memory: null });
  check('applied; part of it waits for a restart of the guests (exit code 2)', applied === 2);
  const after = await read();
  check('each vCPU of the two has one CPU of its own, and no two the same', eachHasItsOwn(after));
  check('no thread of another guest and no container may run on those cores', nobodyIntrudes(after));
  shell('apply --yes');
  await apply(context, { file: undefined, yes: true, memory: null });
  check('applying again changes nothing', sameHost(after, await read()));

  chapter(
    '5. Trust nothing: verify reads the kernel, not our records',
    `Let us break something, as a script from a forum might: vCPU 2 of VM ${CRITICAL[0]} may run everywhere again.`,
  );
  const thread = vcpuThreads(after, CRITICAL[0])[2];
  if (thread) context.host.setThreadAffinity(thread, after.topology.online);
  shell('verify');
  const found = await verify(context, []);
  check('verify notices (exit code 2)', found === 2 && vcpuMasks(await read()).some(mask => mask.size > 1));
  shell('apply --yes');
  await apply(context, { file: undefined, yes: true, memory: null });
  check('apply heals it', eachHasItsOwn(await read()));

  chapter('6. Change your mind', 'Undo puts every value back, the newest apply first: the healing, then the rest.');
  for (let turn = 0; turn < 2; turn++) {
    shell('undo --yes');
    await undo(context, { id: undefined, yes: true });
  }
  const changed = [...files].filter(([path, text]) => context.host.read(path) !== text);
  check(`all ${files.size} files of the host are byte for byte as they were`, changed.length === 0);

  say('');
  if (failures.length > 0) {
    say(paint.bad(`${failures.length} steps did not do what they say.`));
    return 1;
  }
  say(
    paint.good('Every step was checked.'),
    `Look around: berth --root ${directory} inspect      Remove it: rm -r ${directory}`,
  );
  return 0;
}

function writeTree(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, 'latin1');
  }
}

const runtimeOf = (inventory: Inventory, vmid: VmId) => {
  const guest = inventory.guests.find(candidate => candidate.vmid === vmid);
  return guest?.kind === 'vm' ? guest.runtime : null;
};

function vcpuThreads(inventory: Inventory, vmid: VmId): { pid: number; tid: number }[] {
  const runtime = runtimeOf(inventory, vmid);
  return (runtime?.threads ?? [])
    .filter(({ role }) => role.kind === 'vcpu')
    .map(({ tid }) => ({ pid: runtime?.pid ?? 0, tid }));
}

/** Where a VM's vCPUs were when the host was captured. */
function describeWandering(inventory: Inventory, vmid: VmId): string {
  const threads = runtimeOf(inventory, vmid)?.threads.filter(({ role }) => role.kind === 'vcpu') ?? [];
  const places = threads.map(({ lastCpu }) => {
    const node = inventory.topology.nodes.find(({ cpus }) => cpus.has(lastCpu as CpuId));
    return `${lastCpu} (node ${node?.id})`;
  });
  return `The vCPUs of VM ${vmid} last ran on CPU ${places.join(', ')}.`;
}

const vcpuMasks = (inventory: Inventory) =>
  CRITICAL.flatMap(vmid => runtimeOf(inventory, vmid)?.threads ?? [])
    .filter(({ role }) => role.kind === 'vcpu')
    .map(({ allowed }) => allowed);

function eachHasItsOwn(inventory: Inventory): boolean {
  const masks = vcpuMasks(inventory);
  const distinct = new Set(masks.map(mask => encodeIdList(mask)));
  return masks.length > 0 && masks.every(mask => mask.size === 1) && distinct.size === masks.length;
}

function nobodyIntrudes(inventory: Inventory): boolean {
  const { placement, guests, topology } = inventory;
  if (placement === null) return false;
  const reserved = reservedCpus(placement, topology);
  return guests.every(guest => {
    const masks =
      guest.kind === 'container'
        ? guest.runtime
          ? [guest.runtime.effective]
          : []
        : (guest.runtime?.threads ?? []).map(({ allowed }) => allowed);
    return masks.every(mask => mask.ids.every(cpu => (reserved.get(cpu) ?? guest.vmid) === guest.vmid));
  });
}

const sameHost = (a: Inventory, b: Inventory): boolean => JSON.stringify(a.guests) === JSON.stringify(b.guests);
