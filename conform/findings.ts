// Runs the hosts that must give each finding of doctor, and those near to them that must not, through the real reader and every rule.
import { DOCTOR_CODES } from '#doctor/examine-host.ts';
import type { DoctorCode } from '#domain/doctor-finding.ts';
import { doctorCases } from '#fixtures/doctor/doctor-cases.ts';
import { type DoctorTree, examineTree } from '#fixtures/doctor/doctor-tree.ts';
import type { ConformResult } from './result.ts';

interface Verdict {
  readonly case: string;
  readonly detail: string | null;
}

/** Needs no corpus: the hosts are ours, the knowledge behind them is in the page of each finding. */
export async function runFindings(): Promise<ConformResult> {
  const verdicts = (await Promise.all(DOCTOR_CODES.map(judgeCode))).flat();
  const disagreements = verdicts.flatMap(({ case: name, detail }) => (detail === null ? [] : [{ case: name, detail }]));
  const agree = verdicts.length - disagreements.length;
  return { part: 'findings', agree, total: verdicts.length, exceptions: [], disagreements };
}

async function judgeCode(code: DoctorCode): Promise<readonly Verdict[]> {
  const kinds = [
    { trees: Object.entries(doctorCases[code].triggers), mustBeFound: true },
    { trees: Object.entries(doctorCases[code].nearMisses), mustBeFound: false },
  ];
  const verdicts = kinds.map(async ({ trees, mustBeFound }): Promise<readonly Verdict[]> => {
    const missing = mustBeFound ? 'no host triggers it' : 'no host comes near it';
    if (trees.length === 0) return [{ case: code, detail: missing }];
    return Promise.all(trees.map(([name, tree]) => judgeTree(code, { name, tree, mustBeFound })));
  });
  return (await Promise.all(verdicts)).flat();
}

async function judgeTree(
  code: DoctorCode,
  { name, tree, mustBeFound }: { readonly name: string; readonly tree: DoctorTree; readonly mustBeFound: boolean },
): Promise<Verdict> {
  const { findings } = await examineTree(tree);
  const isFound = findings.some(finding => finding.code === code);
  const expected = mustBeFound ? 'not found' : 'found';
  return { case: `${code}: ${name}`, detail: isFound === mustBeFound ? null : expected };
}
