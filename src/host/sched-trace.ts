// The scheduler's trace events of a few threads, through an instance of tracefs of our own: nobody else's tracing is touched.
import { closeSync, constants, mkdirSync, openSync, readSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { SchedEvent } from '#domain/sched-event.ts';
import { parseSchedEvent } from '#topology/parse-sched-event.ts';
import { hostErrorFrom } from './errno.ts';
import { HostError } from './host-error.ts';

/** Where systemd mounts it; the second is older, and still there where debugfs is. */
const TRACEFS = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
/** One name, so that what a killed process left is found again. */
const INSTANCE = 'berth';
/** A switch takes 72 bytes: half a second of 100,000 in a second on one CPU fits, and all CPUs together take no more than 128 MiB. */
const RING_KIB = 4096;
const ALL_RINGS_KIB = 128 * 1024;
const CHUNK_BYTES = 256 * 1024;
const { O_NONBLOCK, O_RDONLY } = constants;

export interface SchedTrace {
  /** Forgets what was recorded, and records. */
  start(): void;
  /** Everything that was recorded since the last call. */
  read(take: (event: SchedEvent) => void): void;
  stop(): void;
  /** Removes the instance; harmless when it was. */
  close(): void;
}

/** @throws HostError when this kernel or this mount namespace has no trace events, or refuses the filter (hundreds of threads). */
export function openSchedTrace(tids: readonly number[]): SchedTrace {
  const tracefs = TRACEFS.find(hasInstances);
  if (tracefs === undefined) {
    throw new HostError('missing', 'This host shows no trace events: there is no tracefs in /sys/kernel/tracing');
  }
  const directory = `${tracefs}/instances/${INSTANCE}`;
  const remove = () => removeInstance(directory);
  remove();
  try {
    mkdirSync(directory);
    prepare(directory, tids);
    const pipe = openSync(`${directory}/trace_pipe`, O_RDONLY | O_NONBLOCK);
    return makeTrace(directory, pipe);
  } catch (error) {
    remove();
    throw hostErrorFrom(`Cannot trace the scheduler in ${directory}`, error);
  }
}

function hasInstances(tracefs: string): boolean {
  return statSync(`${tracefs}/instances`, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Of the instance alone, and it takes its events, filters and buffers with it. */
function removeInstance(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const failure = hostErrorFrom(`Cannot remove ${directory}`, error);
    if (failure.reason !== 'missing') throw failure;
  }
}

function prepare(directory: string, tids: readonly number[]): void {
  const write = (file: string, text: string) => writeFileSync(`${directory}/${file}`, text);
  const oneOf = (field: string) => tids.map(tid => `${field} == ${tid}`).join(' || ');
  write('tracing_on', '0');
  // Each CPU's own clock may differ from the others', and a wakeup and what it leads to are often on two.
  write('trace_clock', 'mono');
  write('buffer_size_kb', `${Math.max(64, Math.min(RING_KIB, Math.floor(ALL_RINGS_KIB / cpus().length)))}`);
  write('events/sched/sched_switch/filter', `${oneOf('prev_pid')} || ${oneOf('next_pid')}`);
  for (const event of ['sched_waking', 'sched_migrate_task']) write(`events/sched/${event}/filter`, oneOf('pid'));
  for (const event of ['sched_switch', 'sched_waking', 'sched_migrate_task'])
    write(`events/sched/${event}/enable`, '1');
}

function makeTrace(directory: string, pipe: number): SchedTrace {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = '';
  let open = true;
  const turn = (on: '0' | '1') => writeFileSync(`${directory}/tracing_on`, on);
  return {
    start: () => {
      writeFileSync(`${directory}/trace`, '');
      rest = '';
      turn('1');
    },
    read: take => {
      for (let size = readChunk(pipe, chunk); size > 0; size = readChunk(pipe, chunk)) {
        const lines = (rest + chunk.toString('latin1', 0, size)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = parseSchedEvent(line);
          if (event !== null) take(event);
        }
      }
    },
    stop: () => turn('0'),
    close: () => {
      if (!open) return;
      open = false;
      closeSync(pipe);
      removeInstance(directory);
    },
  };
}

/** 0 when nothing is there to be read. */
function readChunk(pipe: number, chunk: Buffer): number {
  try {
    return readSync(pipe, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw hostErrorFrom('Cannot read trace events', error);
  }
}
