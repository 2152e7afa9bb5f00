// `npm test`: installs what is missing, builds, checks, and runs every test; the last line is the sum, also when something broke.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { buildProgram } from './build.mjs';
import { runChecks } from './check.mjs';
import { ensurePrograms } from './ensure-programs.mjs';
import { printResult, reportPath, runParts, sumCounts, vitestPart } from './run-parts.mjs';

const IN_CI = process.env.CI === 'true';
const CONFORM_PARTS = ['topology', 'texts', 'configs', 'cpuset', 'memory', 'commands', 'findings', 'peers', 'reserve'];

const LAB_BOOTS = Math.min(2, availableParallelism());

/** The end-to-end tests share one kernel, so they have the machine to themselves. */
async function runEndToEnd(missing) {
  const lacks = process.getuid() === 0 ? missing : [...missing, 'root'];
  if (lacks.length === 0) return runParts([vitestPart('e2e')]);
  if (IN_CI) return printLack('e2e tests', 'failed', lacks);
  console.log(`The e2e tests are skipped without ${lacks.join(' and ')}.`);
  return runParts([vitestPart('e2e', ['--testNamePattern', '^$'])]);
}

const runConform = async missing =>
  missing.includes('xz')
    ? printLack('conform', IN_CI ? 'failed' : 'skipped', ['xz'])
    : runParts(CONFORM_PARTS.map(conformPart));

const runLab = async missing =>
  missing.length > 0 ? printLack('lab', IN_CI ? 'failed' : 'skipped', missing) : runParts([labPart()]);

/** A part that succeeded and left no report was skipped: its corpus is not there. */
function conformPart(part) {
  const report = reportPath(`conform-${part}`);
  return {
    name: `conform ${part}`,
    command: [process.execPath, 'scripts/run.mjs', 'conform/main.ts', part, '--json', report],
    countTests: succeeded => {
      if (!succeeded) return { passed: 0, failed: 1, skipped: 0 };
      return existsSync(report) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 };
    },
  };
}

/** Boots kernels of its own, which wait a good part of their time: two at once keep two CPUs busy. */
const labPart = () => {
  const report = reportPath('lab');
  return {
    name: 'lab scenarios',
    command: [process.execPath, 'scripts/run.mjs', 'lab/test.ts', '--at-once', String(LAB_BOOTS), '--json', report],
    countTests: succeeded => {
      if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
      const { passed, failed } = JSON.parse(readFileSync(report, 'utf8'));
      return { passed, failed: failed === 0 && !succeeded ? 1 : failed, skipped: 0 };
    },
  };
};

function printLack(name, outcome, lacks) {
  const count = { passed: 0, failed: 0, skipped: 0, [outcome]: 1 };
  printResult({ name, count, detail: `needs ${lacks.join(' and ')}` });
  return count;
}

const counts = [];
try {
  await buildProgram();
  const missing = ensurePrograms();
  counts.push(await runChecks());
  counts.push(await runEndToEnd(missing));
  counts.push(await runConform(missing));
  counts.push(await runLab(missing));
} catch (error) {
  console.log(error.message);
  counts.push({ passed: 0, failed: 1, skipped: 0 });
}
const { passed, failed, skipped } = sumCounts(counts);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
