// What the hookscript tells the task log of Proxmox, a line for each matter.
import type { Finding } from '#domain/finding.ts';
import type { VmId } from '#domain/ids.ts';
import { type Repaired, renderRepaired } from './agent-text.ts';
import { describeFinding } from './finding-messages.ts';

export interface HookOutcome {
  readonly repaired: readonly Repaired[];
  readonly problem: string | null;
  readonly findings: readonly Finding[];
  readonly stops: boolean;
}

export function renderHook(vmid: VmId, { repaired, problem, findings, stops }: HookOutcome): readonly string[] {
  const verdict = stops
    ? [
        `VM ${vmid} is not started: its placement is strict. \`berth policy set ${vmid} strict=\` lets it start anywhere.`,
      ]
    : [];
  return [
    ...repaired.map(renderRepaired),
    ...(problem === null ? [] : [`VM ${vmid}: ${problem}. The agent tries again.`]),
    ...findings.map(describeFinding),
    ...verdict,
  ];
}
