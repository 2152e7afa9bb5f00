// Runs the parts of a gate as processes, two at a time, and prints one line for each, with the output of those that failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const AT_ONCE = 2;
const REPORTS = 'node_modules/.cache/berth';

/**
 * A part: `{name, command: [program, …arguments], countTests}`.
 * `countTests(succeeded)` says what the finished part adds: `{passed, failed, skipped}`; without it the part itself is one test.
 */
const countOne = succeeded => ({ passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 });

/** A part that runs the tests of one vitest project, and counts each of them. */
export function vitestPart(project, options = []) {
  const report = reportPath(`${project}-tests`);
  return {
    name: `${project} tests`,
    command: [
      'node_modules/.bin/vitest',
      ...['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile=${report}`],
      ...options,
    ],
    countTests: succeeded => countVitest(report, succeeded),
  };
}

/** Where a part leaves its report; whatever an earlier run left there is removed. */
export function reportPath(name) {
  mkdirSync(REPORTS, { recursive: true });
  const path = `${REPORTS}/${name}.json`;
  rmSync(path, { force: true });
  return path;
}

/** A run can fail without a failed test, by an error outside of all tests: that counts as one. */
function countVitest(report, succeeded) {
  if (!existsSync(report)) return countOne(false);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = numFailedTests === 0 && !succeeded ? 1 : numFailedTests;
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
}

/** Runs all parts, failed ones or not, in this order; returns the sum of their counts. */
export async function runParts(parts) {
  const waiting = [...parts];
  const counts = [];
  const work = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) counts.push(await runPart(part));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return sumCounts(counts);
}

export function sumCounts(counts) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const count of counts) for (const key of Object.keys(sum)) sum[key] += count[key];
  return sum;
}

async function runPart({ name, command, countTests = countOne }) {
  const began = performance.now();
  const { succeeded, output } = await runCommand(command);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const count = countTests(succeeded);
  printResult({ name, count, detail: `${seconds} s` });
  if (count.failed > 0) console.log(output.trimEnd());
  return count;
}

export function printResult({ name, count, detail }) {
  const { passed, failed, skipped } = count;
  const word = failed > 0 ? 'FAILED' : passed > 0 ? 'ok' : 'SKIPPED';
  const numbers = passed + failed + skipped > 1 ? `  ${passed} passed, ${failed} failed, ${skipped} skipped` : '';
  console.log(`${word.padEnd(8)}${name.padEnd(20)}${detail.padStart(8)}${numbers}`);
}

function runCommand([program, ...args]) {
  return new Promise(resolve => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = chunk => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', error => resolve({ succeeded: false, output: error.message }));
    child.on('close', code => resolve({ succeeded: code === 0, output }));
  });
}
