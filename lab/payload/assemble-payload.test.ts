// Where there is no assembler; that it assembles is tested with the guest it makes, in e2e.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { assemblePayload } from './assemble-payload.ts';

const directory = mkdtempSync(join(tmpdir(), 'berth-payload-'));

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(directory, { recursive: true }));

it('assemblePayload() names the Debian package when there is no nasm', async () => {
  vi.stubEnv('PATH', directory);
  await expect(assemblePayload(join(directory, 'payload'))).rejects.toMatchObject({
    name: 'HostError',
    reason: 'missing',
    message: expect.stringContaining('apt-get install nasm'),
  });
});
