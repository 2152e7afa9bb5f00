// Reads the scenarios' directories.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { makeScenario, type Scenario } from './scenario.ts';

export const SCENARIOS = 'lab/scenarios';

/** All of them by name, or those named. @throws Error for a name that there is not, or a scenario that is not one. */
export function readScenarios(names: readonly string[], directory = SCENARIOS): readonly Scenario[] {
  const known = readdirSync(directory).sort();
  const unknown = names.filter(name => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no scenario ${unknown.join(', ')}. There are:\n  ${known.join('\n  ')}`);
  return (names.length === 0 ? known : names).map(name => readScenario(name, directory));
}

function readScenario(name: string, directory: string): Scenario {
  const file = join(directory, name, 'scenario.yaml');
  if (!existsSync(file)) throw new Error(`${file} does not exist`);
  try {
    return makeScenario(name, parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}
