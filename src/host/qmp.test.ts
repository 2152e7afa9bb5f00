// The QMP client against servers that answer well, badly, late and never.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runQmp } from './qmp.ts';

const GREETING = '{"QMP": {"version": {"qemu": {"major": 9}}, "capabilities": []}}\r\n';

/** A server that greets like QEMU and answers each command by `answer`, which gets its id and name and returns what to send. */
async function serve(answer: (id: number, execute: string, socket: Socket) => string, greeting = GREETING) {
  const clients: Socket[] = [];
  const server = createServer(socket => {
    clients.push(socket);
    socket.on('error', () => {});
    socket.write(greeting);
    socket.on('data', data => {
      for (const line of data.toString().trim().split('\n')) {
        const { id, execute } = JSON.parse(line);
        socket.write(execute === 'qmp_capabilities' ? `{"return": {}, "id": ${id}}\r\n` : answer(id, execute, socket));
      }
    });
  });
  const directory = mkdtempSync(join(tmpdir(), 'berth-qmp-'));
  const path = join(directory, 'qmp');
  await new Promise<void>(resolve => server.listen(path, resolve));
  onTestFinished(async () => {
    for (const client of clients) client.destroy();
    await new Promise(resolve => server.close(resolve));
    rmSync(directory, { recursive: true });
  });
  return { path, clients };
}

const query = [{ execute: 'query-cpus-fast' }];

describe('runQmp()', () => {
  it('returns the replies in the order of the commands', async () => {
    const { path } = await serve((id, execute) => `{"return": "${execute}", "id": ${id}}\n`);
    expect(await runQmp(path, [{ execute: 'first' }, { execute: 'second' }])).toEqual(['first', 'second']);
  });

  it('passes over events and replies to others', async () => {
    const { path } = await serve(
      id =>
        `{"event": "RESUME", "timestamp": {}}\n\n{"return": "old", "id": ${id - 1}}\n{"return": "mine", "id": ${id}}\n`,
    );
    expect(await runQmp(path, query)).toEqual(['mine']);
  });

  it('puts a reply together that arrives byte by byte', async () => {
    const { path } = await serve((id, _, socket) => {
      const bytes = [...Buffer.from(`{"return": "Zürich", "id": ${id}}\n`)];
      const next = () => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(Buffer.from([byte]), () => setImmediate(next));
      };
      next();
      return '';
    });
    expect(await runQmp(path, query)).toEqual(['Zürich']);
  });

  it('closes its connection, after success and after failure', async () => {
    const { path, clients } = await serve((id, execute) =>
      execute === 'good' ? `{"return": 1, "id": ${id}}\n` : '?\n',
    );
    await runQmp(path, [{ execute: 'good' }]);
    await expect(runQmp(path, [{ execute: 'bad' }])).rejects.toThrow();
    await expect.poll(() => clients.map(client => client.readyState)).not.toContain('open');
    expect(clients).toHaveLength(2);
  });

  it('says what QEMU says about a command that it refuses', async () => {
    const { path } = await serve(id => `{"error": {"class": "GenericError", "desc": "No such thing"}, "id": ${id}}\n`);
    await expect(runQmp(path, query)).rejects.toMatchObject({
      reason: 'failed',
      message: `QMP at ${path} failed: query-cpus-fast: QEMU answered GenericError: No such thing`,
    });
  });

  it.each([
    ['garbage', 'hello\n', 'expected a JSON object, got "hello"'],
    ['a JSON text that is no object', '42\n', 'expected a JSON object'],
    ['JSON that is cut off', '{"return": [{"cpu-\n', 'expected a JSON object'],
    ['more than the largest reply', 'x'.repeat(5000), 'larger than 4096 bytes'],
  ])('gives up on %s', async (_, answer, problem) => {
    const { path } = await serve(() => answer);
    await expect(runQmp(path, query, { largestReplyBytes: 4096 })).rejects.toMatchObject({
      reason: 'failed',
      message: expect.stringContaining(problem),
    });
  });

  it('notices when the connection is cut in the middle of a reply', async () => {
    const { path } = await serve((_, __, socket) => {
      socket.end('{"return": [');
      return '';
    });
    await expect(runQmp(path, query)).rejects.toThrow('query-cpus-fast: QEMU closed the connection');
  });

  it('says that the only connection may be taken when it is not greeted', async () => {
    const { path } = await serve(() => '', '');
    await expect(runQmp(path, query, { timeoutMs: 50 })).rejects.toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('greeting: no answer within 50 ms (another client may hold'),
    });
  });

  it('gives up on a command that is never answered', async () => {
    const { path } = await serve(() => '{"event": "STOP"}\n');
    await expect(runQmp(path, query, { timeoutMs: 50 })).rejects.toThrow('query-cpus-fast: no answer within 50 ms');
  });

  it('says when there is no socket', async () => {
    await expect(runQmp('/nonexistent/qmp', query)).rejects.toMatchObject({
      reason: 'missing',
      message: 'Cannot connect to QEMU at /nonexistent/qmp: no such file or directory',
    });
  });
});
