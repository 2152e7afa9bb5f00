// `berth demo`: the whole job on a captured two-socket host in a scratch directory.
import type { CommandContext, ExitCode } from '../command-context.ts';
export async function demo({ print }: CommandContext): Promise<ExitCode> {
  print('not yet\n');
  return 1;
}
