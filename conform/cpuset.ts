// Compares our reading of `affinity` values with what Proxmox's own cpuset code said of them.
import { join } from 'node:path';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { readJsonLines } from './read-corpus.ts';
import type { ConformResult } from './result.ts';

interface CpusetCase {
  readonly text: string;
  readonly accepted: boolean;
  readonly members?: readonly string[];
  readonly normalised?: string;
  /** False when Proxmox starts the VM without taskset. */
  readonly tasksetPrefixed: boolean;
}

export async function runCpuset(corpora: string): Promise<ConformResult> {
  const cases = readJsonLines(join(corpora, 'pve/cpuset.jsonl')) as readonly CpusetCase[];
  const disagreements = cases.flatMap(oracle => {
    const expected = describeOracle(oracle);
    const actual = describeOurs(oracle.text);
    if (expected === actual) return [];
    return [{ case: JSON.stringify(oracle.text), detail: `expected ${expected}, got ${actual}` }];
  });
  return {
    part: 'cpuset',
    agree: cases.length - disagreements.length,
    total: cases.length,
    exceptions: [],
    disagreements,
  };
}

/** Perl keeps leading zeros of a range's first number; they are the same CPUs. */
function describeOracle({ accepted, members = [], normalised = '', tasksetPrefixed }: CpusetCase): string {
  if (!accepted) return 'rejected';
  const list = encodeIdList(cpuSet(members.map(Number)));
  const shown = encodeIdList(parseCpuList(normalised));
  return `${list} shown as ${shown}, ${tasksetPrefixed ? 'passed to taskset' : 'ignored'}`;
}

function describeOurs(text: string): string {
  const view = parseAffinity(text);
  if (view.kind === 'rejected') return 'rejected';
  const list = encodeIdList(view.cpus);
  return `${list} shown as ${list}, ${view.kind === 'ignored' ? 'ignored' : 'passed to taskset'}`;
}
