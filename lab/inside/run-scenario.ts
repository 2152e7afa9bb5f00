// Runs one scenario on this host: lays out its files, goes through its steps, judges.
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { resolve } from 'node:path';
import { judgeSabotage, type Stopped } from '../scenario/judge-sabotage.ts';
import { SCENARIOS } from '../scenario/read-scenarios.ts';
import { type Scenario, type Step, sabotagedSteps } from '../scenario/scenario.ts';
import { StepFailure } from '../verbs/verb.ts';
import { verbs } from '../verbs/verbs.ts';

interface Judged {
  readonly passed: boolean;
  readonly problem: string | null;
  readonly sabotage: string | null;
  /** What made a sabotaged scenario fail as it must. */
  readonly noticed: string | null;
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
  const failure = ended === undefined ? null : `step ${ended.at + 1} (${steps[ended.at]?.text}): ${ended.message}`;
  const problem = sabotage === undefined ? failure : judgeSabotage(sabotage, ended);
  return {
    passed: problem === null,
    problem,
    sabotage: sabotage?.what ?? null,
    noticed: sabotage !== undefined && problem === null ? (ended?.message ?? null) : null,
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
  if (existsSync(`${directory}/containers`))
    cpSync(`${directory}/containers`, '/etc/pve/nodes/lab/lxc', { recursive: true });
  mkdirSync('/etc/pve/berth', { recursive: true });
  if (existsSync(`${directory}/policy.yaml`)) cpSync(`${directory}/policy.yaml`, '/etc/pve/berth/policy.yaml');
}

/** Undefined when all steps went through. */
async function runSteps(
  steps: readonly Step[],
  { directory, log, limitMs }: { directory: string; log: string[]; limitMs: number },
): Promise<Stopped | undefined> {
  const beganAtS = uptime();
  const signal = AbortSignal.timeout(limitMs);
  const timeUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`the time limit of ${limitMs / 1000} s is over`)));
  });
  // Where the first step fails at once nobody waits for it, and the time still comes.
  timeUp.catch(() => {});
  for (const [at, { verb, step, text }] of steps.entries()) {
    log.push(`step ${at + 1}: ${text}`);
    const began = performance.now();
    try {
      await Promise.race([
        timeUp,
        verbs[verb]?.run(step, { directory, beganAtS, signal, log: line => log.push(line) }),
      ]);
    } catch (error) {
      const { message } = error as Error;
      log.push(`  failed: ${message}`);
      return { at, message, expectation: error instanceof StepFailure };
    }
    log.push(`  took ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  return undefined;
}
