// Looks at a running container's cgroup at both ends of a sampling: it costs a few reads, however many tasks there are.
import type { ContainerGuest } from '#domain/guest.ts';
import type { CgroupReading, SampledContainer } from '#domain/sampling.ts';
import type { Host } from './host.ts';
import { readContainerRuntime } from './read-container-runtime.ts';
import { readCgroup } from './sample-cgroup.ts';
import type { Clock } from './sample-thread.ts';

export class ContainerSampler {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #container: ContainerGuest;
  readonly #first: CgroupReading | null;

  constructor(container: ContainerGuest, { host, clock }: { host: Host; clock: Clock }) {
    this.#host = host;
    this.#clock = clock;
    this.#container = container;
    this.#first = this.#read();
  }

  /** What it did up to now; null when it did not run from first to last: a new cgroup counts from 0 again. */
  describe(): SampledContainer | null {
    const { vmid, cores } = this.#container;
    const last = this.#read();
    const effective = readContainerRuntime(this.#host, vmid)?.effective;
    if (this.#first === null || last === null || effective === undefined || last.usedUs < this.#first.usedUs)
      return null;
    return { vmid, cores, effective, cgroup: { first: this.#first, last } };
  }

  #read(): CgroupReading | null {
    return readCgroup(this.#host, `/sys/fs/cgroup/lxc/${this.#container.vmid}`, this.#clock);
  }
}
