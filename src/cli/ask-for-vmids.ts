// Asks on the terminal which guests matter, until the answer names guests that there are.
import type { VmId } from '#domain/ids.ts';
import { HostError } from '#host/host-error.ts';
import { openQuestions } from './questions.ts';

/** @throws HostError without a terminal, and when it is left without an answer. */
export async function askForVmids(
  known: readonly VmId[],
): Promise<{ readonly dedicated: readonly VmId[]; readonly confined: readonly VmId[] }> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new HostError(
      'refused',
      'Without a terminal, say which guests matter: `berth init --dedicated VMID,…` and `--confined VMID,…`. Nothing was written',
    );
  }
  const questions = openQuestions();
  const ask = async (question: string, left: readonly VmId[]): Promise<readonly VmId[]> => {
    for (;;) {
      const answer = await questions.ask(`${question}: `);
      if (answer === null) throw new HostError('refused', 'Nothing was written');
      const words = answer.split(/[\s,]+/).filter(word => word !== '');
      const wrong = words.filter(word => !left.some(vmid => `${vmid}` === word));
      if (wrong.length === 0) return left.filter(vmid => words.includes(`${vmid}`));
      process.stdout.write(`  ${wrong.join(', ')}: not one of ${left.join(', ')}\n`);
    }
  };
  try {
    const dedicated = await ask('Which need a CPU of their own for every vCPU (VMIDs, or nothing)', known);
    const others = known.filter(vmid => !dedicated.includes(vmid));
    const confined = await ask('Which others should stay inside one NUMA node (VMIDs, or nothing)', others);
    return { dedicated, confined };
  } finally {
    questions.close();
  }
}
