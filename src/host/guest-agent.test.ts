// The guest agent's client against agents that answer well, badly, late and never.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runInGuest } from './guest-agent.ts';

interface Request {
  readonly execute: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

const sync = ({ arguments: { id } }: Request) => `\xff{"return": ${id}}\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const ended = (facts: object) => `${JSON.stringify({ return: { exited: true, ...facts } })}\n`;
const error = (kind: string, desc: string) => `${JSON.stringify({ error: { class: kind, desc } })}\n`;

/** An agent that answers each request; null: it does not. */
async function serve(answer: (request: Request, socket: Socket) => string | null): Promise<string> {
  const clients: Socket[] = [];
  const server = createServer(socket => {
    clients.push(socket);
    socket.on('error', () => {});
    socket.setEncoding('latin1');
    socket.on('data', (data: string) => {
      for (const line of data.trim().split('\n')) {
        const text = answer(JSON.parse(line.replace(/^\xff/, '')), socket);
        if (text !== null) socket.write(text, 'latin1');
      }
    });
  });
  const directory = mkdtempSync(join(tmpdir(), 'berth-qga-'));
  const path = join(directory, 'qga');
  await new Promise<void>(resolve => server.listen(path, resolve));
  onTestFinished(async () => {
    for (const client of clients) client.destroy();
    await new Promise(resolve => server.close(resolve));
    rmSync(directory, { recursive: true });
  });
  return path;
}

const serveExec = (started: string, status: () => string) =>
  serve(request => {
    if (request.execute === 'guest-sync-delimited') return sync(request);
    return request.execute === 'guest-exec' ? started : status();
  });

const run = (socket: string) =>
  runInGuest(socket, {
    ...{ argv: ['cyclictest', '-q'], timeoutMs: 300, signal: new AbortController().signal, patienceMs: 300 },
  });

const STARTED = '{"return": {"pid": 7}}\n';

describe('runInGuest()', () => {
  it('starts the program, waits for its end, and returns what it printed', async () => {
    const asked: Request[] = [];
    let looks = 0;
    const socket = await serve(request => {
      asked.push(request);
      if (request.execute === 'guest-sync-delimited') return sync(request);
      if (request.execute === 'guest-exec') return STARTED;
      looks += 1;
      return looks < 2
        ? '{"return": {"exited": false}}\n'
        : ended({ exitcode: 0, 'out-data': base64('out'), 'err-data': base64('err') });
    });
    expect(await run(socket)).toEqual({ exitCode: 0, signal: null, stdout: 'out', stderr: 'err' });
    expect(asked.find(({ execute }) => execute === 'guest-exec')?.arguments).toEqual({
      ...{ path: 'cyclictest', arg: ['-q'], 'capture-output': true },
    });
    expect(asked.findLast(({ execute }) => execute === 'guest-exec-status')?.arguments).toEqual({ pid: 7 });
  });

  it('passes over what an earlier client left unread', async () => {
    const socket = await serve(request => {
      if (request.execute === 'guest-sync-delimited') return `{"return": {"pid": 1}}\nhalf an answer${sync(request)}`;
      return request.execute === 'guest-exec' ? STARTED : ended({ exitcode: 3 });
    });
    expect(await run(socket)).toMatchObject({ exitCode: 3 });
  });

  it('tells a program that was killed', async () => {
    const socket = await serveExec(STARTED, () => ended({ signal: 9 }));
    expect(await run(socket)).toMatchObject({ exitCode: null, signal: 9 });
  });

  it('says what to do when there is no agent', async () => {
    await expect(run('/nonexistent/100.qga')).rejects.toThrow(
      'the VM has no agent. In Proxmox: `qm set VMID --agent 1`',
    );
  });

  it('says what to do when nobody answers', async () => {
    await expect(run(await serve(() => null))).rejects.toThrow(
      'Is qemu-guest-agent installed and running in the guest',
    );
  });

  it('gives up on an agent that stops answering', async () => {
    const socket = await serve(request => (request.execute === 'guest-sync-delimited' ? sync(request) : null));
    await expect(run(socket)).rejects.toThrow('it did not answer within 300 ms');
  });

  it.each([
    ['garbage', 'garbage\n', 'answered with "garbage", which is no JSON object'],
    ['no process', '{"return": {}}\n', 'answered without "pid"'],
    [
      'a program that is not there',
      error('GenericError', 'Failed to execute child process “cyclictest”'),
      'Failed to execute',
    ],
    [
      'that it is switched off',
      error('CommandNotFound', 'The command guest-exec has been disabled'),
      'allow guest-exec',
    ],
  ])('refuses %s in answer to the start', async (_, answer, words) => {
    await expect(run(await serveExec(answer, () => ''))).rejects.toThrow(words);
  });

  it('says so when the guest has forgotten the program', async () => {
    const socket = await serveExec(STARTED, () => error('InvalidParameter', "Invalid parameter 'pid'"));
    await expect(run(socket)).rejects.toThrow('Was the guest rebooted?');
  });

  it('gives up on a program that does not end', async () => {
    const socket = await serveExec(STARTED, () => '{"return": {"exited": false}}\n');
    await expect(run(socket)).rejects.toThrow('`cyclictest` in the guest did not end within 0 s');
  });

  it('says so when QEMU closes the connection', async () => {
    const socket = await serve((_, client) => {
      client.destroy();
      return null;
    });
    await expect(run(socket)).rejects.toThrow('QEMU closed the connection');
  });

  it('stops waiting when it is asked to', async () => {
    const socket = await serveExec(STARTED, () => '{"return": {"exited": false}}\n');
    const options = { argv: ['cyclictest'] as [string], timeoutMs: 60_000, signal: AbortSignal.timeout(50) };
    await expect(runInGuest(socket, options)).rejects.toThrow('Stopped waiting for `cyclictest`');
  });
});
