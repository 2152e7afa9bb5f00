// `berth diagnose`: samples the running guests and says what each loses, to whom, and whether pinning would help.
import { diagnoseJson } from '#contract/diagnose.ts';
import { encodeJson } from '#contract/read-json.ts';
import { diagnose } from '#diagnose/diagnose.ts';
import { isLoss } from '#domain/diagnosis.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Sampling } from '#domain/sampling.ts';
import { HostError } from '#host/host-error.ts';
import { readInventory } from '#host/read-inventory.ts';
import { sampleHost } from '#host/sample-host.ts';
import { parseHaBalanced } from '#proxmox/parse-ha-balanced.ts';
import { renderDiagnosis, renderProgress } from '#report/diagnose-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { interruptOnSignal } from '../interrupt-on-signal.ts';

export interface DiagnoseOptions {
  /** Empty: every guest that runs. */
  readonly vmids: readonly VmId[];
  readonly seconds: number;
}

/** 0 when nobody loses anything, 2 when a guest does, 1 when none could be measured although some were to be. */
export async function diagnoseGuests(context: CommandContext, { vmids, seconds }: DiagnoseOptions): Promise<ExitCode> {
  const { host, json, paint, print } = context;
  const inventory = await readInventory(host);
  const wanted = chooseGuests(inventory, vmids);
  const balanced = parseHaBalanced(
    host.read('/etc/pve/ha/resources.cfg') ?? '',
    host.read('/etc/pve/datacenter.cfg') ?? '',
  );
  const judge = (sampling: Sampling) => diagnose({ inventory, sampling, vmids: wanted, balanced });
  const interrupt = interruptOnSignal();
  const progress = startProgress(context);
  const sampling = await sampleHost(host, inventory, {
    ...{ seconds, signal: interrupt.signal },
    ...(progress === null
      ? {}
      : {
          onLook: (recent: Sampling, elapsedMs: number) =>
            progress.show(renderProgress(judge(recent), { elapsedMs, seconds, width: process.stderr.columns || 80 })),
        }),
  }).finally(() => {
    interrupt.release();
    progress?.end();
  });
  const report = judge(sampling);
  if (json) print(encodeJson(diagnoseJson, { schema: 'berth/diagnose/1', ...report }));
  else print(renderDiagnosis(report, inventory, paint));
  const vms = report.guests.flatMap(guest => (guest.state === 'measured' ? [guest] : []));
  const measured = [...vms, ...report.containers];
  if (measured.some(({ verdicts }) => verdicts.some(isLoss))) return 2;
  return measured.length === 0 && wanted.length > 0 ? 1 : 0;
}

/** @throws HostError for a VMID that is not here, and for a container that does not run: there is nothing of it to look at. */
function chooseGuests({ node, guests }: Inventory, vmids: readonly VmId[]): readonly VmId[] {
  if (vmids.length === 0) return guests.filter(({ runtime }) => runtime !== null).map(({ vmid }) => vmid);
  for (const vmid of vmids) {
    const guest = guests.find(candidate => candidate.vmid === vmid);
    if (guest === undefined) throw new HostError('missing', `There is no guest ${vmid} on node ${node}`);
    if (guest.kind === 'container' && guest.runtime === null) {
      throw new HostError('refused', `Container ${vmid} does not run, or this host has no cgroup version 2`);
    }
  }
  return [...new Set(vmids)].sort((a, b) => a - b);
}

/** A line that is written over, for people at a terminal; null for anybody else. */
function startProgress({ tell }: CommandContext) {
  if (process.stderr.isTTY !== true) return null;
  const clear = '\r\x1b[K';
  return { show: (text: string) => tell(`${clear}${text}`), end: () => tell(clear) };
}
