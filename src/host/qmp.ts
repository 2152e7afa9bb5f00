// A small client of QMP, QEMU's JSON protocol on a Unix socket (docs/interop/qmp-spec in QEMU's tree).
import { connect, type Socket } from 'node:net';
import { hostErrorFrom } from './errno.ts';
import { HostError, type HostErrorReason } from './host-error.ts';

/** One command; its reply is whatever QEMU puts under `return`. */
export interface QmpCommand {
  readonly execute: string;
  readonly arguments?: object;
}

/**
 * A QEMU with nothing else to do answers within milliseconds. One that waits for a slow disk, or whose host has more to do than CPUs, takes
 * seconds, and that is the host that people bring to this program. What is silent for longer than this is stuck, not slow.
 */
export const QMP_PATIENCE_MS = 10_000;

export interface QmpOptions {
  /** For everything from connecting to the last reply. Default `QMP_PATIENCE_MS`. */
  readonly timeoutMs?: number;
  /** A longer line from the other side is refused. Default 16 MiB: 4096 vCPUs need less than 1. */
  readonly largestReplyBytes?: number;
}

/**
 * Connects, runs the commands one after the other, and disconnects whatever happens: QEMU serves one client at a time, and Proxmox wants its turn.
 * @returns the replies, in the order of the commands.
 * @throws HostError `missing` or `refused` without a QEMU behind the socket, `timeout` when it does not answer, `failed` when it answers with an error or nonsense.
 */
export async function runQmp(
  path: string,
  commands: readonly QmpCommand[],
  { timeoutMs = QMP_PATIENCE_MS, largestReplyBytes = 16 * 1024 * 1024 }: QmpOptions = {},
): Promise<readonly unknown[]> {
  const connection = new QmpConnection(path, largestReplyBytes);
  const timer = setTimeout(() => connection.giveUp(timeoutMs), timeoutMs);
  try {
    await connection.greeting();
    await connection.run({ execute: 'qmp_capabilities' });
    const replies: unknown[] = [];
    for (const command of commands) replies.push(await connection.run(command));
    return replies;
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

type QmpMessage = Readonly<Record<string, unknown>>;

/** What the client waits for: the greeting, or the reply to the command of that id. */
interface Expectation {
  readonly doing: string;
  readonly isAnswer: (message: QmpMessage) => boolean;
  readonly resolve: (message: QmpMessage) => void;
  readonly reject: (error: HostError) => void;
}

class QmpConnection {
  readonly #path: string;
  readonly #socket: Socket;
  readonly #largestReplyBytes: number;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #nextId = 1;
  #expected: Expectation | null = null;
  #failure: HostError | null = null;

  constructor(path: string, largestReplyBytes: number) {
    this.#path = path;
    this.#largestReplyBytes = largestReplyBytes;
    this.#socket = connect(path);
    this.#socket.on('data', data => this.#receive(data));
    this.#socket.on('error', error => this.#fail(hostErrorFrom(`Cannot connect to QEMU at ${path}`, error)));
    this.#socket.on('close', () => this.#failWith('failed', `${this.#doing()}: QEMU closed the connection`));
  }

  async greeting(): Promise<void> {
    await this.#expect('waiting for the greeting', message => 'QMP' in message);
  }

  async run(command: QmpCommand): Promise<unknown> {
    const id = this.#nextId++;
    this.#socket.write(`${JSON.stringify({ ...command, id })}\n`);
    const reply = await this.#expect(command.execute, message => message.id === id);
    if ('return' in reply) return reply.return;
    throw this.#error('failed', `${command.execute}: QEMU answered ${errorText(reply.error)}`);
  }

  giveUp(timeoutMs: number): void {
    const isGreeted = this.#nextId > 1;
    const hint = isGreeted ? '' : ' (another client may hold its only connection)';
    this.#failWith('timeout', `${this.#doing()}: no answer within ${timeoutMs} ms${hint}`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #expect(doing: string, isAnswer: Expectation['isAnswer']): Promise<QmpMessage> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) reject(this.#failure);
      else this.#expected = { doing, isAnswer, resolve, reject };
    });
  }

  /** Every message is one line; a line may arrive in many pieces, and a piece may hold many lines. */
  #receive(data: Buffer): void {
    let rest = data;
    for (let end = rest.indexOf('\n'); end >= 0 && this.#failure === null; end = rest.indexOf('\n')) {
      const line = Buffer.concat([...this.#received, rest.subarray(0, end)])
        .toString('utf8')
        .trim();
      this.#received = [];
      this.#receivedBytes = 0;
      rest = rest.subarray(end + 1);
      if (line !== '') this.#receiveLine(line);
    }
    this.#received.push(rest);
    this.#receivedBytes += rest.length;
    if (this.#receivedBytes > this.#largestReplyBytes) {
      this.#failWith('failed', `${this.#doing()}: the answer is larger than ${this.#largestReplyBytes} bytes`);
    }
  }

  #receiveLine(line: string): void {
    const message = parseMessage(line);
    if (message === null) {
      this.#failWith('failed', `${this.#doing()}: expected a JSON object, got ${JSON.stringify(line.slice(0, 80))}`);
      return;
    }
    // Events, and anything else that nobody asked for, are passed over.
    if (this.#expected?.isAnswer(message) !== true) return;
    this.#expected.resolve(message);
    this.#expected = null;
  }

  #doing(): string {
    return this.#expected?.doing ?? 'Talking to QEMU';
  }

  #error(reason: HostErrorReason, problem: string): HostError {
    return new HostError(reason, `QMP at ${this.#path} failed: ${problem}`);
  }

  #failWith(reason: HostErrorReason, problem: string): void {
    this.#fail(this.#error(reason, problem));
  }

  /** The first failure counts: what follows are its consequences. */
  #fail(error: HostError): void {
    this.#failure ??= error;
    this.#expected?.reject(this.#failure);
    this.#expected = null;
    this.#socket.destroy();
  }
}

function parseMessage(line: string): QmpMessage | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as QmpMessage) : null;
  } catch {
    return null;
  }
}

/** Example: `{"class": "CommandNotFound", "desc": "The command query-foo has not been found"}`. */
function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return JSON.stringify(error) ?? 'neither a value nor an error';
  const { class: kind, desc } = error as { class?: unknown; desc?: unknown };
  return `${kind}: ${desc}`;
}
