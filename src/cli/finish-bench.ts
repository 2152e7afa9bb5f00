// What a measurement left that was killed is put back before anything else is changed.
import { finishAbandonedBench } from '#apply/finish-bench.ts';
import { HostError } from '#host/host-error.ts';
import { findQm } from '#host/proxmox-command.ts';
import type { CommandContext } from './command-context.ts';

/** Says so when there was something. @throws HostError when it cannot be put back. */
export async function finishBench({ host, now, tell }: CommandContext): Promise<void> {
  const entry = await finishAbandonedBench({ host, qm: findQm(host) }, now);
  if (entry === null) return;
  if (entry.state === 'done') {
    tell(`A \`berth bench\` was killed while its plan was applied (${entry.undoes}): that is undone now.\n`);
    return;
  }
  throw new HostError(
    'failed',
    `Cannot put back what a killed \`berth bench\` had applied (${entry.undoes}): ${entry.steps.find(({ error }) => error !== null)?.error ?? 'it was stopped'}. \`berth undo ${entry.undoes}\` tries again`,
  );
}
