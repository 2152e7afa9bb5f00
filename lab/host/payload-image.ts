// The assembled payload, for guests of a lab host: `args: -kernel /lab/payload.bin`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemblePayload } from '../payload/assemble-payload.ts';

/** @throws HostError when it cannot be assembled. */
export async function makePayloadImage(): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-payload-'));
  try {
    const file = join(directory, 'payload.bin');
    await assemblePayload(file);
    return readFileSync(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
