// `berth doctor`: what is wrong with the host and its guests as configured, and with --fix the changes that put it right.
import { doctorJson } from '#contract/doctor.ts';
import { encodeJson } from '#contract/read-json.ts';
import { examineHost } from '#doctor/examine-host.ts';
import { ignoreFindings } from '#doctor/ignore-findings.ts';
import type { DoctorReport } from '#domain/doctor-report.ts';
import type { VmId } from '#domain/ids.ts';
import { HostError } from '#host/host-error.ts';
import { readDoctorView } from '#host/read-doctor-view.ts';
import { renderDoctor } from '#report/doctor/doctor-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { finishBench } from '../finish-bench.ts';
import { fixFindings } from '../fix-findings.ts';
import { readState } from '../read-state.ts';
import { tellUntried } from '../tell-untried.ts';

export interface DoctorCommandOptions {
  /** Empty: the host and every guest. */
  readonly vmids: readonly VmId[];
  readonly fix: boolean;
  readonly yes: boolean;
}

/** 0 when nothing is wrong, 1 when a fix was refused or failed, 2 when findings remain. */
export async function doctor(context: CommandContext, { vmids, fix, yes }: DoctorCommandOptions): Promise<ExitCode> {
  const { host, json, paint } = context;
  const untried = tellUntried(context);
  if (fix) await finishBench(context);
  const found = await examine(context, vmids);
  if (!json) context.print(renderDoctor(found.report, found.view.inventory, paint));
  const entry = fix ? await fixFindings(context, found, yes) : null;
  const { report } = entry === null ? found : await examine(context, vmids);
  if (json) {
    const output = {
      schema: 'berth/doctor/1' as const,
      simulated: host.simulated,
      fixedBy: entry?.id ?? null,
      ...report,
      ...untried,
    };
    context.print(encodeJson(doctorJson, output));
  } else if (entry !== null)
    context.print(`${report.findings.length} of ${found.report.findings.length} findings remain.\n`);
  if (entry !== null && entry.state !== 'done') return 1;
  return report.findings.length === 0 ? 0 : 2;
}

async function examine({ host }: CommandContext, vmids: readonly VmId[]) {
  const { inventory, policy, wishes } = await readState(host, { pciDevices: true });
  const strangers = vmids.filter(vmid => !inventory.guests.some(guest => guest.vmid === vmid));
  if (strangers.length > 0) {
    throw new HostError('missing', `There is no guest ${strangers.join(', ')} on node ${inventory.node}`);
  }
  const view = readDoctorView(host, { inventory, policy, wishes });
  const wanted = new Set<unknown>(vmids);
  const all = examineHost(view).filter(({ subject }) => wanted.size === 0 || wanted.has(subject));
  const report: DoctorReport = { node: inventory.node, ...ignoreFindings(all, policy.ignore), unknown: view.unknown };
  return { view, report };
}
