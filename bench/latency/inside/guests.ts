// The guests of a measurement: one with a vCPU that is woken again and again, and noisy ones that never rest.
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askGuest } from '../../../lab/guest/ask-guest.ts';
import { readPid, startGuest, VM_CONFIGS } from '../../../lab/guest/start-guest.ts';
import { runProgram } from '../../../lab/inside/run-program.ts';

export const MEASURED = 100;
const NOISY = [101, 102];
export const WAKE_US = 500;

/** It measures its clock, touches its memory, and begins. */
const COMES_UP_MS = 3000;

const makeConfig = (vmid: number): string =>
  [
    `args: -S -kernel /lab/payload.bin -append ${vmid === MEASURED ? `wake=${WAKE_US}` : 'notouch'}`,
    `cores: ${vmid === MEASURED ? 1 : 2}`,
    'memory: 64',
    `name: ${vmid === MEASURED ? 'measured' : 'noisy'}`,
    'ostype: l26',
    `smbios1: uuid=5b0c2f4e-9d55-4a70-8a25-000000000${vmid}`,
    '',
  ].join('\n');

/** Each comes up by itself, and is paused then. */
export async function startGuests(): Promise<void> {
  mkdirSync(VM_CONFIGS, { recursive: true });
  mkdirSync('/etc/pve/nodes/lab/lxc', { recursive: true });
  for (const vmid of [MEASURED, ...NOISY]) {
    writeFileSync(`${VM_CONFIGS}/${vmid}.conf`, makeConfig(vmid), 'latin1');
    startGuest(vmid);
    await askGuest(vmid, { execute: 'cont' });
    await sleep(COMES_UP_MS);
    await askGuest(vmid, { execute: 'stop' });
  }
  wakeOnTime(readMain(MEASURED));
}

/**
 * Under KVM a guest's timer is one of the kernel's, which comes on time. Here QEMU's main loop stands for it, and must come before all
 * load: else the guest would rarely be woken, and the less the more there is to measure.
 */
export const wakeOnTime = (tid: number): void => void runProgram(['chrt', '--fifo', '--pid', '50', `${tid}`]);

export const runMeasured = (): Promise<unknown> => askGuest(MEASURED, { execute: 'cont' });
export const pauseMeasured = (): Promise<unknown> => askGuest(MEASURED, { execute: 'stop' });

export async function tellNoisyGuests(execute: 'cont' | 'stop'): Promise<void> {
  for (const vmid of NOISY) await askGuest(vmid, { execute });
}

export function readMain(vmid: number): number {
  const pid = readPid(vmid);
  if (pid === null) throw new Error(`Guest ${vmid} does not run`);
  return pid;
}

/** The measured guest's only vCPU. */
export async function readVcpuThread(): Promise<number> {
  const cpus = await askGuest(MEASURED, { execute: 'query-cpus-fast' });
  const [vcpu] = cpus as readonly { readonly 'thread-id': number }[];
  if (vcpu === undefined) throw new Error(`Guest ${MEASURED} has no vCPU`);
  return vcpu['thread-id'];
}
