// Load beside the measured guest: noisy guests, and loops that are processes of the host; held while Berth works, because all of it is emulated.
import { type ChildProcess, spawn } from 'node:child_process';
import { tellNoisyGuests } from './guests.ts';

const HOST_LOOPS = 2;

export class HostLoad {
  readonly #loops: readonly ChildProcess[];

  constructor() {
    this.#loops = Array.from({ length: HOST_LOOPS }, () =>
      spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
    );
    for (const loop of this.#loops) loop.kill('SIGSTOP');
  }

  async run(): Promise<void> {
    await tellNoisyGuests('cont');
    for (const loop of this.#loops) loop.kill('SIGCONT');
  }

  async hold(): Promise<void> {
    for (const loop of this.#loops) loop.kill('SIGSTOP');
    await tellNoisyGuests('stop');
  }
}
