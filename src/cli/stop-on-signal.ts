// Ctrl-C during an apply or undo: the step at hand is finished, then it stops, with everything in the journal.
import type { CommandContext } from './command-context.ts';

export function stopOnSignal(
  { tell }: CommandContext,
  words = 'Stopping after this step.\n',
): { wanted: () => boolean; release: () => void } {
  let wanted = false;
  const stop = () => {
    wanted = true;
    tell(words);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  return {
    wanted: () => wanted,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, stop);
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
