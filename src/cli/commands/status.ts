// `berth status`: the node in one screen.
import { readJournal } from '#apply/journal-files.ts';
import { encodeJson } from '#contract/read-json.ts';
import { statusJson } from '#contract/status.ts';
import { examineHost } from '#doctor/examine-host.ts';
import { ignoreFindings } from '#doctor/ignore-findings.ts';
import type { Impact } from '#domain/doctor-finding.ts';
import type { NodeStatus } from '#domain/node-status.ts';
import type { GuestState } from '#domain/verify-report.ts';
import { findAgent } from '#host/agent-lock.ts';
import { readDoctorView } from '#host/read-doctor-view.ts';
import { PVE_VERSION_PATH, parsePveVersion } from '#proxmox/parse-pve-version.ts';
import { isWell, renderStatus } from '#report/status-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { POLICY_PATH, type ReadState, readState } from '../read-state.ts';
import { readUntried } from '../tell-untried.ts';
import { makeReport } from './verify.ts';

/** 0 all is well, 2 something deviates, waits for a restart or is an error. */
export async function status({ host, json, paint, print }: CommandContext): Promise<ExitCode> {
  const state = await readState(host, { pciDevices: true });
  const { inventory, policy } = state;
  const findings = ignoreFindings(examineHost(readDoctorView(host, state)), policy.ignore).findings;
  const count = (impact: Impact) => findings.filter(finding => finding.impact === impact).length;
  const last = readJournal(host).at(-1);
  const found: NodeStatus = {
    node: inventory.node,
    proxmox: parsePveVersion(host.read(PVE_VERSION_PATH)),
    kernel: host.read('/proc/sys/kernel/osrelease')?.trim() ?? null,
    ...readUntried(host),
    cgroupVersion: host.read('/sys/fs/cgroup/cgroup.controllers') === null ? 1 : 2,
    policy: host.read(POLICY_PATH) === null ? null : countWishes(state),
    placement: inventory.placement && { isolation: inventory.placement.isolation, ...countGuests(state, host) },
    agent: host.simulated ? null : { pid: findAgent(host) },
    findings: {
      'breaks-start': count('breaks-start'),
      ineffective: count('ineffective'),
      'hurts-latency': count('hurts-latency'),
      'worth-knowing': count('worth-knowing'),
    },
    last: last ? { id: last.id, action: last.action, state: last.state, startedAt: last.startedAt } : null,
  };
  if (json) print(encodeJson(statusJson, { schema: 'berth/status/1', simulated: host.simulated, ...found }));
  else print(renderStatus(found, paint));
  return isWell(found) ? 0 : 2;
}

function countWishes({ wishes }: ReadState): NonNullable<NodeStatus['policy']> {
  const classes = [...wishes.values()].map(wish => wish.class);
  const count = (wanted: string) => classes.filter(one => one === wanted).length;
  return { dedicated: count('dedicated'), confined: count('confined') };
}

function countGuests({ inventory }: ReadState, host: CommandContext['host']) {
  const { guests, findings } = makeReport(inventory, host);
  const special = guests.filter(guest => guest.class !== 'shared');
  const count = (wanted: GuestState) => special.filter(({ state }) => state === wanted).length;
  const [inForce, restartPending, deviates] = [count('inForce'), count('restartPending'), count('deviates')];
  return {
    guests: { inForce, restartPending, deviates, stopped: count('stopped'), gone: count('gone') },
    deviations: findings.filter(({ severity, code }) => severity !== 'note' && code !== 'restart-pending').length,
  };
}
