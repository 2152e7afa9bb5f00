// Starts a real QEMU with the lab's payload inside, and listens to what the payload reports.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { measureVcpus, type VcpuMeasure } from '../lab/payload/measure-vcpus.ts';
import { type PayloadReport, parsePayloadReport } from '../lab/payload/parse-payload-report.ts';

export interface PayloadGuestOptions {
  readonly image: string;
  /** Plugged at the start; there is room for four, whose APIC ids are 0 to 3. */
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** The payload's command line. */
  readonly words?: string;
  /** Below 0, the guest comes before whatever else runs on this machine: what it misses is then the test's doing. Default 0. */
  readonly nice?: number;
}

const PATIENCE_MS = 30_000;

export class PayloadGuest {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(process: ChildProcess, directory: string) {
    this.#process = process;
    this.#directory = directory;
    this.pid = process.pid ?? 0;
  }

  static async start({ image, vcpus, memoryMiB, words = '', nice = 0 }: PayloadGuestOptions): Promise<PayloadGuest> {
    const directory = mkdtempSync(join(tmpdir(), 'berth-payload-guest-'));
    const argv = [
      ...['-n', `${nice}`, 'qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-nodefaults', '-display', 'none'],
      ...['-smp', `${vcpus},cores=4,maxcpus=4`, '-m', `${memoryMiB}`, '-kernel', image, '-append', words, '-no-reboot'],
      ...['-serial', `file:${directory}/serial`, '-qmp', `unix:${directory}/qmp,server=on,wait=off`],
    ];
    // A session of its own, because the scheduler weighs sessions first where it groups tasks by them (sched(7), autogroup).
    const process = spawn('nice', argv, { stdio: 'ignore', detached: true });
    await once(process, 'spawn');
    const autogroup = `/proc/${process.pid}/autogroup`;
    if (existsSync(autogroup)) writeFileSync(autogroup, `${nice}`);
    return new PayloadGuest(process, directory);
  }

  get qmpSocket(): string {
    return `${this.#directory}/qmp`;
  }

  /** All that came over the serial port. */
  serial(): string {
    const file = `${this.#directory}/serial`;
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }

  /** @throws Error with all that the payload said, when it does not come in time. */
  async waitForText(form: RegExp): Promise<void> {
    await this.#waitFor(`text like ${form}`, () => form.test(this.serial()) || undefined);
  }

  /** The first report of which this is true, past ones included. @throws Error as `waitForText()`. */
  waitForReport(what: string, isIt: (report: PayloadReport) => boolean): Promise<PayloadReport> {
    return this.#waitFor(`report ${what}`, () => parsePayloadReport(this.serial()).find(isIt));
  }

  /** Of what happens from now on, by APIC id: from the next report to the one `count` reports later. */
  async measureNext(count: number): Promise<ReadonlyMap<number, VcpuMeasure>> {
    const first = (parsePayloadReport(this.serial()).at(-1)?.number ?? 0) + 1;
    const last = first + count;
    await this.waitForReport(`number ${last}`, ({ number }) => number === last);
    return measureVcpus(parsePayloadReport(this.serial()).filter(({ number }) => first <= number && number <= last));
  }

  async #waitFor<Value>(what: string, find: () => Value | undefined): Promise<Value> {
    const until = Date.now() + PATIENCE_MS;
    for (let found = find(); ; found = find()) {
      if (found !== undefined) return found;
      if (this.#hasEnded() || Date.now() > until) throw new Error(`There was no ${what}, but: ${this.serial()}`);
      await sleep(20);
    }
  }

  async kill(): Promise<void> {
    if (!this.#hasEnded()) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    rmSync(this.#directory, { recursive: true });
  }

  #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}
