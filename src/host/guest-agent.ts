// Asks the agent inside a VM to run a program, through the socket that Proxmox has QEMU open for it.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VmId } from '#domain/ids.ts';
import { HostError } from './host-error.ts';

export const agentSocketPath = (vmid: VmId): string => `/run/qemu-server/${vmid}.qga`;

/** A running agent answers within milliseconds. */
const PATIENCE_MS = 5000;
const POLL_MS = 200;
/** The agent itself keeps no more than 16 MiB of output, which is a third more as base64. */
const LARGEST_ANSWER = 24 * 1024 * 1024;
/** QEMU's guest agent forgets half-read requests of earlier clients at this byte, and begins its answer to a sync with it. */
const DELIMITER = '\xff';

export interface GuestOutput {
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GuestExecOptions {
  readonly argv: readonly [string, ...string[]];
  /** How long the program may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Of the agent, for each question. Default 5 s. */
  readonly patienceMs?: number;
}

/**
 * Runs a program in the guest and waits for its end. Each question has a connection of its own, because QEMU serves one at a time
 * and Proxmox wants its turn.
 * @throws HostError `missing` without an agent, or without the program; `timeout` when the agent does not answer or the program does not end;
 * `gone` when the agent no longer knows the program.
 */
export async function runInGuest(socket: string, options: GuestExecOptions): Promise<GuestOutput> {
  const { argv, timeoutMs, signal, patienceMs = PATIENCE_MS } = options;
  const [path, ...arg] = argv;
  const started = await ask(
    socket,
    { execute: 'guest-exec', arguments: { path, arg, 'capture-output': true } },
    patienceMs,
  );
  const pid = fieldOf(started, 'pid', socket);
  const end = performance.now() + timeoutMs;
  for (;;) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) throw new HostError('failed', `Stopped waiting for \`${path}\` in the guest`);
    const status = await ask(socket, { execute: 'guest-exec-status', arguments: { pid } }, patienceMs);
    if (fieldOf(status, 'exited', socket) === true) return outputOf(status);
    if (performance.now() > end)
      throw new HostError('timeout', `\`${path}\` in the guest did not end within ${Math.round(timeoutMs / 1000)} s`);
  }
}

type Answer = Readonly<Record<string, unknown>>;

function fieldOf(answer: Answer, name: string, socket: string): unknown {
  const value = answer[name];
  if (value === undefined) throw new HostError('failed', `The guest agent at ${socket} answered without "${name}"`);
  return value;
}

function outputOf(status: Answer): GuestOutput {
  const decode = (value: unknown) => (typeof value === 'string' ? Buffer.from(value, 'base64').toString('latin1') : '');
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  return {
    ...{ exitCode: number(status.exitcode), signal: number(status.signal) },
    ...{ stdout: decode(status['out-data']), stderr: decode(status['err-data']) },
  };
}

let syncs = 0;

/** One question, after a sync that proves that somebody is there and that the answer is ours. */
async function ask(socket: string, command: Answer, patienceMs: number): Promise<Answer> {
  const id = process.pid * 1000 + (syncs++ % 1000);
  const sync = { execute: 'guest-sync-delimited', arguments: { id } };
  const lines = await exchange(socket, {
    requests: [`${DELIMITER}${JSON.stringify(sync)}\n`, `${JSON.stringify(command)}\n`],
    patienceMs,
    id,
  });
  const answer = parseAnswer(lines, socket);
  if (answer.error === undefined) {
    const { return: value } = answer;
    return typeof value === 'object' && value !== null ? (value as Answer) : {};
  }
  throw agentError(answer.error as Answer, command);
}

interface Exchange {
  /** The sync, and the question. */
  readonly requests: readonly [string, string];
  readonly patienceMs: number;
  readonly id: number;
}

/** The line that answers the question: the one after the sync's own. */
function exchange(socket: string, { requests: [sync, question], patienceMs, id }: Exchange): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    let text = '';
    let isSynced = false;
    const timer = setTimeout(() => fail('timeout', silence(isSynced, patienceMs)), patienceMs);
    const end = () => {
      clearTimeout(timer);
      connection.destroy();
    };
    const fail = (reason: HostError['reason'], problem: string, cause?: unknown) => {
      end();
      reject(new HostError(reason, `The guest agent at ${socket} cannot be asked: ${problem}`, { cause }));
    };
    connection.setEncoding('latin1');
    connection.on('connect', () => connection.write(sync, 'latin1'));
    connection.on('error', error => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ECONNREFUSED') fail('missing', NO_SOCKET, error);
      else fail('failed', error.message, error);
    });
    connection.on('close', () => fail('failed', 'QEMU closed the connection'));
    connection.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > LARGEST_ANSWER) return fail('failed', `it answered with more than ${LARGEST_ANSWER} bytes`);
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
        const line = text.slice(0, at).replace(/^.*\xff/s, '');
        text = text.slice(at + 1);
        if (isSynced) {
          end();
          return resolve(line);
        }
        // Answers to earlier clients' questions may come first.
        if (line.includes(`${id}`)) {
          isSynced = true;
          connection.write(question, 'latin1');
        }
      }
    });
  });
}

const NO_SOCKET =
  'the VM has no agent. In Proxmox: `qm set VMID --agent 1`, then stop and start the VM; in the guest: install qemu-guest-agent (Debian, Ubuntu: apt install qemu-guest-agent)';

const silence = (isSynced: boolean, patienceMs: number): string =>
  isSynced
    ? `it did not answer within ${patienceMs} ms`
    : `nobody answers. Is qemu-guest-agent installed and running in the guest (systemctl status qemu-guest-agent)? While the guest boots, or another client holds the socket, wait and try again`;

function parseAnswer(line: string, socket: string): Answer {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Answer;
  } catch {
    // Said below.
  }
  throw new HostError(
    'failed',
    `The guest agent at ${socket} answered with "${line.slice(0, 60)}", which is no JSON object`,
  );
}

/** `{"class": "GenericError", "desc": "Failed to execute child process “cyclictest” (No such file or directory)"}`. */
function agentError({ class: kind, desc }: Answer, { execute }: Answer): HostError {
  const text = String(desc);
  if (kind === 'CommandNotFound' || /has been disabled/.test(text)) {
    return new HostError(
      'refused',
      `The guest agent may not run programs (${text}). In the guest, allow guest-exec and guest-exec-status, on Red Hat and its kin in /etc/sysconfig/qemu-ga, and restart qemu-guest-agent`,
    );
  }
  if (execute === 'guest-exec') return new HostError('missing', text);
  return new HostError('gone', `The program is not there any more: ${text}. Was the guest rebooted?`);
}
