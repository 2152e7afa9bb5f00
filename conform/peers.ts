// Compares our own writing of other projects' placement algorithms with what those projects' tests expect of theirs.
import { readKubeletCases } from './peers-kubelet.ts';
import { readNovaCases } from './peers-nova.ts';
import type { ConformResult } from './result.ts';

export interface PeerCase {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
}

export async function runPeers(corpora: string): Promise<ConformResult> {
  const cases = [...readKubeletCases(corpora), ...readNovaCases(corpora)];
  const differing = cases.filter(({ expected, actual }) => expected !== actual);
  return {
    part: 'peers',
    agree: cases.length - differing.length,
    total: cases.length,
    exceptions: [],
    disagreements: differing.map(({ name, expected, actual }) => ({
      case: name,
      detail: `expected ${expected}, got ${actual}`,
    })),
  };
}
