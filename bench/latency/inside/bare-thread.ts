// The limit of what a placement can reach: a thread that is woken as the guest's vCPU is, works as long, and has no QEMU around it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { runProgram } from '../../../lab/inside/run-program.ts';
import { MEASURED, WAKE_US, wakeOnTime } from './guests.ts';

const SCOPE = `/sys/fs/cgroup/qemu.slice/${MEASURED}.scope`;

/** Woken by another thread through a futex, as QEMU's main loop wakes a vCPU; then it computes for half of the time. */
const WOKEN = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));
for (let seen = 0; ; ) {
  Atomics.wait(workerData, 0, seen);
  seen = Atomics.load(workerData, 0);
  const end = performance.now() + ${WAKE_US / 2000};
  while (performance.now() < end);
}`;

const WAKER = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));
const never = new Int32Array(new SharedArrayBuffer(4));
for (let next = performance.now(); ; ) {
  next = Math.max(next + ${WAKE_US / 1000}, performance.now());
  Atomics.wait(never, 0, 0, next - performance.now());
  Atomics.add(workerData, 0, 1);
  Atomics.notify(workerData, 0);
}`;

const PROGRAM = `
const { Worker } = require('node:worker_threads');
const workerData = new Int32Array(new SharedArrayBuffer(4));
const [woken, waker] = ${JSON.stringify([WOKEN, WAKER])}.map(code => new Worker(code, { eval: true, workerData }));
woken.once('message', first => waker.once('message', second => console.log(first + ' ' + second)));`;

export class BareThread {
  readonly tid: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, tid: number) {
    this.#process = process;
    this.tid = tid;
  }

  /** Into the guest's own partition, on the same CPU: both have the same isolation, and each its turn. It is held at first. */
  static async start(cpu: string): Promise<BareThread> {
    const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const [woken = 0, waker = 0] = said
      .toString()
      .trim()
      .split(' ')
      .map(thread => Number(thread.split('/').at(-1)));
    wakeOnTime(waker);
    writeFileSync(`${SCOPE}/cgroup.procs`, `${child.pid}`);
    writeFileSync(`${SCOPE}/vcpu/cgroup.threads`, `${woken}`);
    runProgram(['taskset', '--cpu-list', '--pid', cpu, `${woken}`]);
    child.kill('SIGSTOP');
    return new BareThread(child, woken);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  run(): void {
    this.#process.kill('SIGCONT');
  }

  hold(): void {
    this.#process.kill('SIGSTOP');
  }

  /** The partition is the guest's, and must be without strangers before it is taken back. */
  end(): void {
    this.#process.kill('SIGKILL');
  }
}
