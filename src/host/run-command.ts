// Runs a program of the host: arguments only, never a shell.
import { execFile } from 'node:child_process';
import { errnoOf, hostErrorFrom } from './errno.ts';
import { HostError } from './host-error.ts';

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

const STDERR_TAIL_CHARACTERS = 2000;

/**
 * Standard input is empty unless `input` is given; output is latin1, messages are in English.
 * @throws HostError `missing` when there is no such program, `timeout` when it was stopped, `failed` with exit code and the end of its stderr otherwise.
 */
export function runCommand(
  argv: readonly [string, ...string[]],
  { timeoutMs, input = '' }: { readonly timeoutMs: number; readonly input?: string },
): Promise<CommandOutput> {
  const [program, ...args] = argv;
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'latin1',
    env: { ...process.env, LC_ALL: 'C' },
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(commandError(argv, error, { timeoutMs, stderr }));
    });
    // A program that ends without reading has its reasons; its exit code tells them.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input, 'utf8');
  });
}

function commandError(
  argv: readonly string[],
  error: Error & { code?: unknown; signal?: unknown; killed?: boolean },
  { timeoutMs, stderr }: { timeoutMs: number; stderr: string },
): HostError {
  const command = `\`${argv.join(' ')}\``;
  if (errnoOf(error) !== null) return hostErrorFrom(`Cannot run ${command}`, error);
  if (error.killed === true && error.signal === 'SIGKILL') {
    return new HostError('timeout', `${command} did not end within ${timeoutMs} ms and was killed`, { cause: error });
  }
  const how = typeof error.code === 'number' ? `exit code ${error.code}` : `signal ${error.signal ?? error.code}`;
  const tail = stderr.trim().slice(-STDERR_TAIL_CHARACTERS);
  return new HostError('failed', `${command} failed with ${how}${tail === '' ? '' : `: ${tail}`}`, { cause: error });
}
