// Starts, stops and crashes a VM of the lab as Proxmox would: config file, hugepages, scope, taskset, QEMU.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { makeHugepagePlan } from '#proxmox/hugepage-plan.ts';
import { nextValues } from '#proxmox/predict-next-start.ts';
import { encodeVmConfig } from '#proxmox/rewrite-vm-config.ts';
import { isSet, startValues } from '#proxmox/start-values.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { parseVmConfig } from '#proxmox/vm-config-view.ts';
import { pollUntil } from '../inside/poll.ts';
import { runProgram, tryProgram } from '../inside/run-program.ts';
import { askGuest } from './ask-guest.ts';
import { makeVmCommand } from './command.ts';
import { allocateHugepages, giveBackHugepages } from './hugepages.ts';
import { runFile } from './run-file.ts';
import { makeScopeArguments } from './scope.ts';
import { readStartHost } from './start-host.ts';

export const VM_CONFIGS = '/etc/pve/nodes/lab/qemu-server';

/** Pending changes come into force, as at every cold start. @throws Error with the words of whoever refused. */
export function startGuest(vmid: number): void {
  if (isRunning(vmid)) throw new Error(`VM ${vmid} already running`);
  const values = startValues(applyPending(`${VM_CONFIGS}/${vmid}.conf`));
  const host = readStartHost();
  const command = makeVmCommand(vmid, values, host);
  const hugepages = makeHugepagePlan(values, host);
  if (hugepages !== null) allocateHugepages(hugepages);
  mkdirSync('/run/qemu-server', { recursive: true });
  clearScope(vmid);
  runProgram(['systemd-run', ...makeScopeArguments(vmid, values), '--', ...command]);
  if (hugepages !== null && !isSet(values, 'keephugepages')) giveBackHugepages(hugepages);
}

/** systemd remembers a scope whose process the OOM killer took, and would refuse another of that name (qemu-server `vm_start_nolock`). */
function clearScope(vmid: number): void {
  for (const word of ['reset-failed', 'stop']) tryProgram(['systemctl', word, `${vmid}.scope`]);
}

function applyPending(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(file, 'latin1');
  const view = parseVmConfig(text, VM_CONFIG_SCHEMA);
  if (view.pending === null) return view.main.values;
  const values = nextValues(text);
  writeFileSync(
    file,
    encodeVmConfig({ ...view, main: { ...view.main, values }, pending: null }, VM_CONFIG_SCHEMA),
    'latin1',
  );
  return values;
}

/** The main process's id; null when its pid file is not there. */
export function readPid(vmid: number): number | null {
  try {
    return Number(readFileSync(runFile(vmid, 'pid'), 'latin1'));
  } catch {
    // QEMU takes its file away when it quits.
    return null;
  }
}

/** True while any process of that guest runs: a pid file alone proves nothing. */
export function isRunning(vmid: number): boolean {
  const pid = readPid(vmid);
  if (pid === null) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`/${vmid}.pid`);
  } catch {
    // It ended before, or right now.
    return false;
  }
}

/** An orderly stop: QEMU quits, and its files go with it. */
export async function stopGuest(vmid: number): Promise<void> {
  if (isRunning(vmid)) await askGuest(vmid, { execute: 'quit' }).catch(() => {});
  await waitUntilGone(vmid);
  for (const what of ['pid', 'qmp', 'serial0']) rmSync(runFile(vmid, what), { force: true });
}

/** As a crash or the OOM killer leaves it: the files stay. */
export async function crashGuest(vmid: number): Promise<void> {
  const pid = readPid(vmid);
  if (pid !== null && isRunning(vmid)) process.kill(pid, 'SIGKILL');
  await waitUntilGone(vmid);
}

async function waitUntilGone(vmid: number): Promise<void> {
  const scope = `/sys/fs/cgroup/qemu.slice/${vmid}.scope`;
  await pollUntil(20, () => !isRunning(vmid) && !existsSync(scope), `guest ${vmid} and its scope are still there`);
}
