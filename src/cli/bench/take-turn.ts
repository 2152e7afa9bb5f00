// One measurement at a time on a node: marks it under Berth's lock, and takes the mark away at its end.

import { withBerthLock } from '#apply/with-lock.ts';
import type { VmId } from '#domain/ids.ts';
import { removeBenchMark, writeBenchMark } from '#host/bench-mark.ts';
import type { CommandContext } from '../command-context.ts';

/** @throws HostError `busy` while another measurement, an apply or an undo is under way */
export async function takeTurn<Result>(
  { host, now }: CommandContext,
  vmid: VmId,
  work: () => Promise<Result>,
): Promise<Result> {
  await withBerthLock(host, now, async () => writeBenchMark(host, vmid));
  try {
    return await work();
  } finally {
    removeBenchMark(host);
  }
}
