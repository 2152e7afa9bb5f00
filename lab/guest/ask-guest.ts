// A command for a guest's QEMU, with the patience that emulation in emulation needs.
import { type QmpCommand, runQmp } from '#host/qmp.ts';
import { runFile } from './run-file.ts';

const PATIENCE_MS = 30_000;

/** Its answer. @throws HostError when it refuses, or does not answer. */
export async function askGuest(vmid: number, command: QmpCommand): Promise<unknown> {
  const [answer] = await runQmp(runFile(vmid, 'qmp'), [command], { timeoutMs: PATIENCE_MS });
  return answer;
}
