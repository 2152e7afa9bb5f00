// `npm run lab -- SHAPE [--kernel 6.12] [--init systemd] [--boot PARAMETERS] [-- COMMAND…]`: a real kernel on an invented host.
import { parseArgs } from 'node:util';
import { bootLabHost } from './host/boot.ts';
import { DEFAULT_SERIES, findKernel } from './host/kernels.ts';
import { startProgress } from './host/progress.ts';
import { findLabShape } from './host/shapes.ts';
import { quoteArguments } from './host/shell-quote.ts';

const HOUR_S = 3600;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      kernel: { type: 'string', default: DEFAULT_SERIES },
      init: { type: 'string', default: 'plain' },
      boot: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const [name = '', ...command] = positionals;
  const shape = findLabShape(name);
  const init = values.init;
  if (init !== 'plain' && init !== 'systemd') throw new Error(`--init is plain or systemd, not "${init}"`);
  const progress = startProgress();
  const kernel = findKernel(values.kernel, progress.tell);
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupted.abort());
  progress.tell(`${name}: ${shape.what}; kernel ${kernel.release}`);
  const { exitCode, failure } = await bootLabHost({
    ...{ shape, kernel, init, console: 'terminal', timeLimitS: HOUR_S, signal: interrupted.signal },
    ...(values.boot === undefined ? {} : { parameters: values.boot }),
    job: [`cd ${quoteArguments([process.cwd()])}`, ...makeJob(command, values.keep)].join('\n'),
    onStage: progress.tell,
  });
  progress.end();
  if (failure === null) return exitCode ?? 1;
  console.error(failure);
  return 1;
}

/** Without a command: a shell. With `--keep`: the command, then a shell to look around in. */
function makeJob(command: readonly string[], keep: boolean): readonly string[] {
  const { rows = 40, columns = 120 } = process.stdout;
  const shell = `stty rows ${rows} cols ${columns}; setsid --ctty --wait /bin/bash -i`;
  if (command.length === 0) return [shell];
  const once = quoteArguments(command);
  return keep
    ? [once, 'code=$?', `echo "lab: it ended with code $code; exit leaves the host"`, shell, 'exit $code']
    : [once];
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
