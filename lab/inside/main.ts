// The program inside a lab host: runs the scenarios of its boot one after the other and writes a line of JSON for each.
import { appendFileSync, readFileSync } from 'node:fs';
import { readScenarios } from '../scenario/read-scenarios.ts';
import { resetHost } from './reset-host.ts';
import { runScenario } from './run-scenario.ts';

/** What the program outside leaves in `/lab/runs.json`. */
interface RunOrder {
  readonly name: string;
  readonly kernel: string;
  readonly sabotage: number | null;
  readonly offline: readonly number[];
}

async function main(): Promise<void> {
  const orders = JSON.parse(readFileSync('/lab/runs.json', 'utf8')) as readonly RunOrder[];
  for (const { name, kernel, sabotage, offline } of orders) {
    const [scenario] = readScenarios([name]);
    if (scenario === undefined) continue;
    await resetHost(offline);
    const result = await runScenario(scenario, sabotage);
    const leftovers = await resetHost(offline);
    const passed = result.passed && leftovers.length === 0;
    const problem = result.problem ?? (passed ? null : `It left behind: ${leftovers.join(', ')}`);
    appendFileSync('/lab/results', `${JSON.stringify({ ...result, name, kernel, passed, problem, leftovers })}\n`);
  }
}

main().then(
  // What a scenario left running must not keep this program.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
