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

/** To boot on a busy machine, most of all. */
const PATIENCE_S = 120;
const LIFE_S = 900;

export class LinuxGuest {
  readonly #vmid: number;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #outcome: LabOutcome | null = null;

  /** Inside private mounts, with `/run/qemu-server`. Returns when the agent answers. @throws Error with the console's words when it does not. */
  static async start(vmid: number): Promise<LinuxGuest> {
    const guest = new LinuxGuest(vmid);
    await guest.run('true');
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

  get pid(): number {
    return Number(readFileSync(`/run/qemu-server/${this.#vmid}.pid`, 'latin1'));
  }

  /**
   * A program inside, again and again until it ends with 0: there may be nothing for it to do yet, and the agent serves one at a time.
   * @throws Error with the console's words when the guest ends instead.
   */
  async run(...argv: readonly [string, ...string[]]): Promise<void> {
    const until = performance.now() + PATIENCE_S * 1000;
    while (!(await this.#succeeds(argv))) {
      if (this.#outcome !== null) throw new Error(`The guest ended: ${this.#outcome.failure}`);
      if (performance.now() > until)
        throw new Error(`\`${argv.join(' ')}\` in the guest did not succeed in ${PATIENCE_S} s`);
      await sleep(200);
    }
  }

  async #succeeds(argv: readonly [string, ...string[]]): Promise<boolean> {
    const options = { argv, timeoutMs: 30_000, signal: new AbortController().signal, patienceMs: 2000 };
    try {
      return (await runInGuest(`/run/qemu-server/${this.#vmid}.qga`, options)).exitCode === 0;
    } catch (error) {
      if (error instanceof HostError) return false;
      throw error;
    }
  }

  /** For good; returns when nobody answers any more. */
  async endAgent(): Promise<void> {
    await this.run('touch', '/tmp/no-agent');
    await this.killAgent();
    while (await this.#succeeds(['true'])) await sleep(200);
  }

  /** A moment later, because whoever asks for it would else get no answer. */
  killAgent(): Promise<void> {
    return this.run('sh', '-c', '(sleep 0.3; pkill -KILL qemu-ga) > /dev/null 2>&1 &');
  }

  /** As a crash, but that its files go too. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
    for (const what of ['pid', 'qmp', 'qga']) rmSync(`/run/qemu-server/${this.#vmid}.${what}`, { force: true });
  }
}
