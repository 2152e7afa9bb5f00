// `npm run check`: types, format and lint, unused code, architecture, unit and property tests.
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './ensure-packages.mjs';
import { runParts, vitestPart } from './run-parts.mjs';

const tool = (name, program, ...options) => ({ name, command: [`node_modules/.bin/${program}`, ...options] });

/** The longest first, so that the others run beside it. */
export function runChecks() {
  return runParts([
    vitestPart('unit'),
    tool('types', 'tsc', '-p', 'tsconfig.json'),
    tool('types of the core', 'tsc', '-p', 'tsconfig.core.json'),
    tool('format and lint', 'biome', 'check', '--error-on-warnings', '.'),
    tool('lint with types', 'oxlint', '--type-aware', '--deny-warnings'),
    tool('unused code', 'knip', '--no-progress', '--treat-config-hints-as-errors'),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensurePackages();
  const { failed } = await runChecks();
  process.exitCode = failed === 0 ? 0 : 1;
}
