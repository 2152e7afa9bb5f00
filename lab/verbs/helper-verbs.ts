// Steps about the processes that serve a guest from outside QEMU, in the scope that Proxmox makes for it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { runProgram } from '../inside/run-program.ts';
import { expectText, readMain, readMask } from './thread-verbs.ts';
import { byNumber, cpuListValue, vmidValue, within } from './values.ts';
import { verb } from './verb.ts';

const procsFile = (vmid: number): string => `/sys/fs/cgroup/qemu.slice/${vmid}.scope/cgroup.procs`;

const helperPidFile = (vmid: number): string => `/run/qemu-server/qsd-${vmid}.pid`;

export const helperVerbs = {
  /** Starts a storage daemon in the guest's scope, as Proxmox does for the state of a TPM: with every CPU, `affinity` or not. */
  'start-helper': verb(z.strictObject({ 'start-helper': vmidValue }), ({ 'start-helper': vmid }) => {
    const disk = ['--blockdev', 'driver=null-co,node-name=tpm'];
    runProgram(['qemu-storage-daemon', '--daemonize', '--pidfile', helperPidFile(vmid), ...disk]);
    writeFileSync(procsFile(vmid), readFileSync(helperPidFile(vmid), 'latin1'));
  }),

  'stop-helper': verb(z.strictObject({ 'stop-helper': vmidValue }), ({ 'stop-helper': vmid }) => {
    process.kill(Number(readFileSync(helperPidFile(vmid), 'latin1')), 'SIGTERM');
  }),

  /** The CPUs of every thread of every process in the guest's scope beside QEMU: `helpers: { 100: 0 }`. */
  helpers: verb(
    z.strictObject({ helpers: byNumber(cpuListValue), within }),
    async ({ helpers, within: seconds = 0 }) => {
      for (const [vmid, wanted] of Object.entries(helpers)) {
        const read = async () => readHelperMasks(Number(vmid));
        await expectText(seconds, read, `${wanted}`, `the helpers of guest ${vmid}`);
      }
    },
  ),
};

/** One CPU list when they all have the same; else each list. */
function readHelperMasks(vmid: number): string {
  const main = readMain(vmid);
  const pids = readFileSync(procsFile(vmid), 'latin1').trim().split('\n').map(Number);
  const masks = pids
    .filter(pid => pid !== main)
    .flatMap(pid => readdirSync(`/proc/${pid}/task`).map(tid => readMask(pid, Number(tid))));
  return [...new Set(masks)].sort().join(' and ');
}
