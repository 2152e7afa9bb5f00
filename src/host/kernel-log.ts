// What the kernel has said since it was booted.
import { closeSync, constants as fsConstants, openSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoOf } from './errno.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { runCommand } from './run-command.ts';

const { EAGAIN, EPIPE } = constants.errno;

/** The kernel refuses to hand out a record into less. */
const RECORD_BYTES = 8192;
/** Of the journal, which may be on a slow disk. */
const TIMEOUT_MS = 20_000;

/**
 * From the kernel's own buffer, or from the journal where that has lost its beginning. On a captured tree `/dev/kmsg` is a text. Null where
 * neither can be read.
 */
export async function readKernelLog(host: Host): Promise<readonly string[] | null> {
  if (host.simulated) return host.read('/dev/kmsg')?.split('\n').map(textOf) ?? null;
  const records = readRecords();
  if (records !== null && isWhole(records)) return records.map(textOf);
  try {
    const { stdout } = await runCommand(['journalctl', '-k', '-b', '-o', 'cat', '--no-pager', '--quiet'], {
      timeoutMs: TIMEOUT_MS,
    });
    return stdout === '' ? null : stdout.split('\n');
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return null;
  }
}

/** `6,1234,98765,-;text`, with continuation lines that say which device it was about (kernel: ABI/testing/dev-kmsg). */
const textOf = (record: string): string => record.replace(/^\d+,\d+,[^;]*;/, '').split('\n', 1)[0] ?? '';

/** Records are numbered from 0. */
const isWhole = ([first = '']: readonly string[]): boolean => /^\d+,0,/.test(first);

/** Null where it may not be read. */
function readRecords(): readonly string[] | null {
  const records: string[] = [];
  const buffer = Buffer.alloc(RECORD_BYTES);
  try {
    const fd = openSync('/dev/kmsg', fsConstants.O_RDONLY | fsConstants.O_NONBLOCK);
    try {
      for (;;) {
        const text = readRecord(fd, buffer);
        if (text === null) return records;
        records.push(text);
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

/** Null after the last one. What is overwritten while we read is passed over. */
function readRecord(fd: number, buffer: Buffer): string | null {
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer));
  } catch (error) {
    if (errnoOf(error) === EAGAIN) return null;
    if (errnoOf(error) === EPIPE) return '';
    throw error;
  }
}
