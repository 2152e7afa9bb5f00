// `npm run lab -- SHAPE [--kernel 6.12] [--init systemd] [--boot PARAMETERS] [--keep] [-- COMMAND…]`: a real kernel on an invented host.
import { parseArgs } from 'node:util';
import { explainError } from './explain-error.ts';
import { bootLabHost } from './host/boot.ts';
import { isRunning } from './host/console.ts';
import { DEFAULT_SERIES, findKernel } from './host/kernels.ts';
import { startProgress } from './host/progress.ts';
import { findLabShape, listLabShapes } from './host/shapes.ts';
import { quoteArguments } from './host/shell-quote.ts';

const HOUR_S = 3600;

const USAGE = `npm run lab -- SHAPE [OPTION…] [-- COMMAND…]

Boots a real kernel on an invented host, with this machine's files in it. Runs the command there, or a shell; its exit code is ours.
Nothing that is written inside reaches this machine. Ctrl-] ends the host, whatever it does.

  --kernel SERIES     6.12 or 6.1, or another that Debian offers here (default ${DEFAULT_SERIES})
  --init systemd      systemd and cgroups as on a Proxmox node, some seconds slower; otherwise the command alone
  --boot PARAMETERS   for the kernel, such as --boot 'isolcpus=4-7 nohz_full=4-7'
  --keep              a shell after the command, to look around in
  --help              this

Shapes:
${listLabShapes()}`;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      kernel: { type: 'string', default: DEFAULT_SERIES },
      init: { type: 'string', default: 'plain' },
      boot: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [name, ...command] = positionals;
  if (name === undefined) throw new Error(`Which shape?\n\n${USAGE}`);
  const shape = findLabShape(name);
  const init = values.init;
  if (init !== 'plain' && init !== 'systemd') throw new Error(`--init is plain or systemd, not "${init}"`);
  const progress = startProgress();
  const kernel = findKernel(values.kernel, progress.tell);
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupted.abort());
  const host = `${name}, kernel ${kernel.release}`;
  progress.tell(host);
  const { exitCode, failure } = await bootLabHost({
    ...{ shape, kernel, init, console: 'terminal', timeLimitS: HOUR_S, signal: interrupted.signal },
    ...(values.boot === undefined ? {} : { parameters: values.boot }),
    job: [`cd ${quoteArguments([process.cwd()])}`, ...makeJob(command, values.keep)].join('\n'),
    onStage: stage => {
      progress.tell(`${host}: ${stage}`);
      if (isRunning(stage)) progress.end();
    },
  }).finally(progress.end);
  if (failure === null) return exitCode ?? 1;
  console.error(failure);
  return 1;
}

/** Without a command: a shell. With `--keep`: the command, then a shell to look around in. */
function makeJob(command: readonly string[], keep: boolean): readonly string[] {
  const { rows = 40, columns = 120 } = process.stdout;
  const term = quoteArguments([process.env.TERM ?? 'linux']);
  const shell = `stty rows ${rows} cols ${columns}; TERM=${term} setsid --ctty --wait /bin/bash -i`;
  if (command.length === 0) return ["echo 'lab: exit leaves the host, Ctrl-] ends it whatever it does'", shell];
  const once = quoteArguments(command);
  return keep
    ? [once, 'code=$?', `echo "lab: it ended with code $code; exit leaves the host"`, shell, 'exit $code']
    : [once];
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(explainError(error, 'npm run lab -- --help'));
  process.exitCode = 1;
}
