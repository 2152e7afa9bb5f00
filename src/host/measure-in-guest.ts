// Measures how late timers are in a guest: cyclictest, started by the guest's agent or through ssh.
import type { VmId } from '#domain/ids.ts';
import type { BlockReading } from '#latency/block-reading.ts';
import { correctOmission } from '#latency/correct-omission.ts';
import { histogramOf } from '#latency/describe-import.ts';
import { mergeHistograms } from '#latency/histogram.ts';
import { parseCyclictestText } from '#latency/import-cyclictest-text.ts';
import { agentSocketPath, type GuestOutput, runInGuest } from './guest-agent.ts';
import { HostError } from './host-error.ts';
import type { BlockMeter } from './measure-run-delay.ts';
import { runCommand } from './run-command.ts';

const INTERVAL_US = 200;
/** Later ones are counted together, with the latest of them known. */
const LAST_BIN_US = 20_000;
/** To start, to write the histogram, and to be fetched. */
const PATIENCE_MS = 30_000;

/** A thread on each CPU of the guest, at a real-time priority, so that the guest's own programs do not come in between. */
const cyclictest = (seconds: number): readonly [string, ...string[]] => [
  'cyclictest',
  ...['--mlockall', '--smp', '--priority=80', `--interval=${INTERVAL_US}`, '--distance=0', '--quiet'],
  ...[`--histogram=${LAST_BIN_US}`, `--duration=${Math.ceil(seconds)}`],
];

const INSTALL =
  'Install it in the guest: apt install rt-tests (Debian, Ubuntu), dnf install realtime-tests (Fedora, RHEL)';

/** Runs it, and returns what it printed. */
type Run = (argv: readonly [string, ...string[]], timeoutMs: number, signal: AbortSignal) => Promise<string>;

/** @throws HostError when there is no agent that answers, or no cyclictest in the guest */
export async function openAgentMeter(vmid: VmId, signal: AbortSignal): Promise<BlockMeter> {
  const socket = agentSocketPath(vmid);
  const run: Run = async (argv, timeoutMs, abort) => {
    try {
      return checkOutput(argv, await runInGuest(socket, { argv, timeoutMs, signal: abort }));
    } catch (error) {
      if (!(error instanceof HostError) || error.reason !== 'missing' || !error.message.includes(argv[0])) throw error;
      throw new HostError('missing', `There is no cyclictest in VM ${vmid}: ${error.message}. ${INSTALL}`, {
        cause: error,
      });
    }
  };
  await run(['cyclictest', '--help'], PATIENCE_MS, signal);
  return makeMeter(run, argv => ['qm', 'guest', 'exec', `${vmid}`, '--', ...argv].join(' '));
}

/** @param destination as ssh takes it; keys, not passwords: nobody is there to type one. @throws HostError as `openAgentMeter` */
export async function openSshMeter(destination: string, signal: AbortSignal): Promise<BlockMeter> {
  if (!/^[A-Za-z0-9_.:@%[\]][A-Za-z0-9_.:@%[\]-]*$/.test(destination))
    throw new HostError('refused', `"${destination}" is not a host as ssh takes it, such as root@192.0.2.7`);
  const ssh = ['ssh', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '--', destination] as const;
  const run: Run = async ([program, ...args], timeoutMs) => {
    const { stdout } = await runCommand([...ssh, program, ...args], { timeoutMs }).catch((error: unknown) => {
      if (!(error instanceof HostError) || !error.message.includes('exit code 127')) throw error;
      throw new HostError('missing', `There is no cyclictest on ${destination}. ${INSTALL}`, { cause: error });
    });
    return stdout;
  };
  await run(['cyclictest', '--help'], PATIENCE_MS, signal);
  return makeMeter(run, argv => [...ssh, ...argv].join(' '));
}

function checkOutput([program]: readonly [string, ...string[]], output: GuestOutput): string {
  const { exitCode, signal, stdout, stderr } = output;
  if (exitCode === 0 && signal === null) return stdout;
  const how = signal === null ? `ended with exit code ${exitCode}` : `was killed by signal ${signal}`;
  const said = stderr.trim().slice(-300);
  throw new HostError('failed', `\`${program}\` in the guest ${how}${said === '' ? '' : `: ${said}`}`);
}

function makeMeter(run: Run, typed: (argv: readonly string[]) => string): BlockMeter {
  return {
    instrument: 'cyclictest',
    commands: [typed(cyclictest(1)).replace('--duration=1', '--duration=SECONDS')],
    ...{ note: null, omissionCorrectedUs: INTERVAL_US },
    measure: async (seconds, signal) => {
      const began = performance.now();
      const text = await run(cyclictest(seconds), Math.ceil(seconds) * 1000 + PATIENCE_MS, signal);
      return readBlock(text, (performance.now() - began) / 1000);
    },
    close: () => {},
  };
}

/** @throws ParseError when it is no histogram of cyclictest */
function readBlock(text: string, seconds: number): BlockReading {
  const { series } = parseCyclictestText(text, { file: "cyclictest's output" });
  const vcpus = series.map(({ blocks }, vcpu) => {
    const latency = correctOmission(mergeHistograms(blocks.map(histogramOf)), INTERVAL_US * 1000);
    return { vcpu, latency, migrations: null, preemptions: null };
  });
  return { seconds, vcpus, intervals: [], lost: 0 };
}
