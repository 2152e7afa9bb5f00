// Runs one scenario on this host: lays out its files, goes through its steps, judges.
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { SCENARIOS } from '../scenario/read-scenarios.ts';
import { type Sabotage, type Scenario, type Step, sabotagedSteps } from '../scenario/scenario.ts';
import { StepFailure } from '../verbs/verb.ts';
import { verbs } from '../verbs/verbs.ts';

interface Judged {
  readonly passed: boolean;
  readonly problem: string | null;
  readonly sabotage: string | null;
  readonly seconds: number;
  readonly log: readonly string[];
}

export async function runScenario(scenario: Scenario, sabotageIndex: number | null): Promise<Judged> {
  const sabotage = sabotageIndex === null ? undefined : scenario.sabotage[sabotageIndex];
  const directory = resolve(SCENARIOS, scenario.name);
  layOut(directory);
  const steps = sabotage === undefined ? scenario.steps : sabotagedSteps(scenario, sabotage);
  const log: string[] = [];
  const began = performance.now();
  const ended = await runSteps(steps, { directory, log, limitMs: scenario.timeLimitS * 1000 });
  const problem = sabotage === undefined ? ended?.problem : judgeSabotage(sabotage, ended);
  return {
    passed: problem === undefined,
    problem: problem ?? null,
    sabotage: sabotage?.what ?? null,
    seconds: (performance.now() - began) / 1000,
    log,
  };
}

/** The guests' configs and the policy, where Proxmox has them. */
function layOut(directory: string): void {
  mkdirSync('/etc/pve/nodes/lab/lxc', { recursive: true });
  mkdirSync('/etc/pve/nodes/lab/qemu-server', { recursive: true });
  if (existsSync(`${directory}/guests`))
    cpSync(`${directory}/guests`, '/etc/pve/nodes/lab/qemu-server', { recursive: true });
  mkdirSync('/etc/pve/berth', { recursive: true });
  if (existsSync(`${directory}/policy.yaml`)) cpSync(`${directory}/policy.yaml`, '/etc/pve/berth/policy.yaml');
}

interface Stopped {
  readonly at: number;
  readonly problem: string;
  /** False when the step could not be done at all, or time ran out. */
  readonly expectation: boolean;
}

/** Undefined when all steps went through. */
async function runSteps(
  steps: readonly Step[],
  { directory, log, limitMs }: { directory: string; log: string[]; limitMs: number },
): Promise<Stopped | undefined> {
  const signal = AbortSignal.timeout(limitMs);
  const timeUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`the time limit of ${limitMs / 1000} s is over`)));
  });
  for (const [at, { verb, step, text }] of steps.entries()) {
    log.push(`step ${at + 1}: ${text}`);
    const began = performance.now();
    try {
      await Promise.race([timeUp, verbs[verb]?.run(step, { directory, signal, log: line => log.push(line) })]);
    } catch (error) {
      const problem = `step ${at + 1} (${text}): ${(error as Error).message}`;
      log.push(problem);
      return { at, problem, expectation: error instanceof StepFailure };
    }
    log.push(`  took ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  return undefined;
}

/** A sabotaged scenario is good when the right step noticed. */
function judgeSabotage({ what, failsAt }: Sabotage, ended: Stopped | undefined): string | undefined {
  if (ended === undefined) return `Nobody noticed: ${what}`;
  if (ended.at !== failsAt) return `${what}: step ${failsAt + 1} was to notice, but it ended at ${ended.problem}`;
  return ended.expectation ? undefined : `${what}: no expectation failed, the step itself did: ${ended.problem}`;
}
