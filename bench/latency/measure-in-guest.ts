// The same from inside: a real Linux as VM of this machine, beside noisy VMs, measured by `berth bench --mode guest` with QEMU's agent and cyclictest.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { LinuxGuest } from '../../e2e/linux-guest.ts';
import { resetNode, writeVmConfig } from '../../e2e/live-node.ts';
import { enterPrivateMounts } from '../../e2e/private-mounts.ts';
import { type QemuGuest, startQemuGuest } from '../../e2e/qemu-guest.ts';
import { assemblePayload } from '../../lab/payload/assemble-payload.ts';

const MEASURED = 100;
/** Of two vCPUs each, which compute all the time. */
const NOISY = [101, 102];

export interface GuestOrder {
  readonly rounds: number;
  readonly secondsPerBlock: number;
}

export interface GuestMeasurement {
  /** As `berth bench --json` printed it. */
  readonly measurement: string;
  /** SVG by name, as `berth bench --show --svg` draws them. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** Needs root, and leaves nothing on this machine. This process stays in mounts of its own. */
export async function measureInGuest({ rounds, secondsPerBlock }: GuestOrder): Promise<GuestMeasurement> {
  enterPrivateMounts();
  resetNode();
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-latency-'));
  const noisy: QemuGuest[] = [];
  let guest: LinuxGuest | null = null;
  try {
    writeVmConfig(MEASURED, { cores: 1, memoryMiB: 512 });
    guest = await LinuxGuest.start(MEASURED);
    const kernel = join(directory, 'payload');
    await assemblePayload(kernel);
    for (const vmid of NOISY) {
      writeVmConfig(vmid, { cores: 2 });
      noisy.push(startQemuGuest({ vmid, cores: 2, iothreads: [], paused: false, kernel }));
    }
    runBerth('policy', 'set', `${MEASURED}`, 'class=dedicated');
    const turns = ['--rounds', `${rounds}`, '--seconds', `${secondsPerBlock}`];
    const measurement = runBerth('--json', 'bench', `${MEASURED}`, '--mode', 'guest', ...turns, '--yes');
    runBerth('bench', '--show', '1', '--svg', directory);
    const names = readdirSync(directory).filter(name => name.endsWith('.svg'));
    const pictures = names.map(
      name => [`guest-${parse(name).name}`, readFileSync(join(directory, name), 'utf8')] as const,
    );
    return { measurement, pictures: new Map(pictures) };
  } finally {
    for (const one of noisy) await one.stop();
    await guest?.stop();
    rmSync(directory, { recursive: true });
  }
}

/** Its output. @throws Error when it could not; 2 says that the plan made something worse. */
function runBerth(...args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, ['bin/berth', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    const { status, stdout } = error as { readonly status: number | null; readonly stdout: string };
    if (status === 2) return stdout;
    throw error;
  }
}
