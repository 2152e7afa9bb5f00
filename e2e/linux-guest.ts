// Boots a real Linux, a kernel of the lab, as a VM of this machine: pid file, QMP and agent sockets where Proxmox has them, QEMU's own agent inside.
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInGuest } from '#host/guest-agent.ts';
import { HostError } from '#host/host-error.ts';
import { bootLabHost, type LabOutcome } from '../lab/host/boot.ts';
import { DEFAULT_SERIES, findKernel } from '../lab/host/kernels.ts';
import type { LabShape } from '../lab/host/shapes.ts';

/** What a guest needs for its agent and for cyclictest, which locks its memory. */
const SHAPE: LabShape = {
  what: 'a guest with one vCPU',
  ...{ sockets: 1, dies: 1, cores: 1, threads: 1, siblings: 'adjacent' },
  nodes: [{ cores: [0], memoryMiB: 512 }],
};

const PORT = 'org.qemu.guest_agent.0';
/** Without udev, whoever wants a port finds it by its name. The agent comes back when it is killed, until the file is there. */
const JOB = `port=$(grep --files-with-matches --line-regexp ${PORT} /sys/class/virtio-ports/*/name)
port=\${port%/name}
while [ ! -e /tmp/no-agent ]; do
  qemu-ga --method virtio-serial --path "/dev/\${port##*/}" --statedir /run
done
sleep infinity`;

const COMES_UP_S = 120;
const LIFE_S = 900;

export class LinuxGuest {
  readonly #vmid: number;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #outcome: LabOutcome | null = null;

  /** Inside private mounts, with `/run/qemu-server`. Returns when the agent answers. @throws Error with the console's words when it does not. */
  static async start(vmid: number): Promise<LinuxGuest> {
    const guest = new LinuxGuest(vmid);
    await guest.waitForAgent();
    return guest;
  }

  private constructor(vmid: number) {
    this.#vmid = vmid;
    const run = `/run/qemu-server/${vmid}`;
    this.#ended = bootLabHost({
      ...{ shape: SHAPE, kernel: findKernel(DEFAULT_SERIES, () => {}), init: 'plain', console: 'file', job: JOB },
      ...{ timeLimitS: LIFE_S, signal: this.#ending.signal },
      devices: [
        ...['-pidfile', `${run}.pid`],
        ...['-chardev', `socket,id=qmp,path=${run}.qmp,server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'],
        ...['-chardev', `socket,id=qga0,path=${run}.qga,server=on,wait=off`, '-device', 'virtio-serial'],
        ...['-device', `virtserialport,chardev=qga0,name=${PORT}`],
      ],
    }).then(outcome => {
      this.#outcome = outcome;
    });
  }

  /** @throws Error with the console's words when the guest ends instead. */
  async waitForAgent(): Promise<void> {
    const until = performance.now() + COMES_UP_S * 1000;
    while (!(await this.succeeds('true'))) {
      if (this.#outcome !== null) throw new Error(`The guest ended: ${this.#outcome.failure}`);
      if (performance.now() > until) throw new Error(`The guest's agent did not answer within ${COMES_UP_S} s`);
      await sleep(200);
    }
  }

  get pid(): number {
    return Number(readFileSync(`/run/qemu-server/${this.#vmid}.pid`, 'latin1'));
  }

  /** A program inside ends with 0. False also when the agent cannot be asked now: it serves one at a time. */
  async succeeds(...argv: readonly [string, ...string[]]): Promise<boolean> {
    const signal = new AbortController().signal;
    try {
      const options = { argv, timeoutMs: 30_000, signal, patienceMs: 2000 };
      return (await runInGuest(`/run/qemu-server/${this.#vmid}.qga`, options)).exitCode === 0;
    } catch (error) {
      if (error instanceof HostError) return false;
      throw error;
    }
  }

  /** As a crash, but that its files go too. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
    for (const what of ['pid', 'qmp', 'qga']) rmSync(`/run/qemu-server/${this.#vmid}.${what}`, { force: true });
  }
}
