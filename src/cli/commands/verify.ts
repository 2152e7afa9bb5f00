// `berth verify`: what is true now, from the kernel, against the placement in force.
import { encodeJson } from '#contract/read-json.ts';
import { verifyJson } from '#contract/verify.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { VerifyReport } from '#domain/verify-report.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readInventory } from '#host/read-inventory.ts';
import { readTasks } from '#host/read-tasks.ts';
import { renderVerify } from '#report/verify-text.ts';
import { verifyPlacement } from '#verify/verify-placement.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { tellUntried } from '../tell-untried.ts';

/** 2 for any deviation, a pending restart included. */
export async function verify(context: CommandContext, vmids: readonly VmId[]): Promise<ExitCode> {
  const { host } = context;
  const untried = tellUntried(context);
  const inventory = await readInventory(host, { residentMemory: true });
  const { placement } = inventory;
  const strangers = vmids.filter(vmid => !placement?.guests.some(guest => guest.vmid === vmid));
  if (strangers.length > 0) throw new HostError('missing', `Not placed on ${inventory.node}: ${strangers.join(', ')}`);
  const report = makeReport(inventory, host, vmids);
  if (context.json) {
    const output = { schema: 'berth/verify/1' as const, simulated: host.simulated, ...report, ...untried };
    context.print(encodeJson(verifyJson, output));
  } else if (placement === null)
    context.print(`No placement is in force on ${inventory.node}: there is nothing to verify.\n`);
  else context.print(renderVerify(report, inventory, context.paint));
  return isTrue(report) ? 0 : 2;
}

export function makeReport(inventory: Inventory, host: Host, vmids: readonly VmId[] = []): VerifyReport {
  const { node, placement } = inventory;
  if (placement === null) return { node, isolation: 'none', guests: [], findings: [] };
  const pids = inventory.guests.flatMap(guest => (guest.kind === 'vm' && guest.runtime ? [guest.runtime.pid] : []));
  const tasks = readTasks(host, new Set(pids));
  return verifyPlacement({ inventory, placement, tasks, only: vmids.length > 0 ? new Set(vmids) : null });
}

/** Notes are true of a placement in force. */
export const isTrue = ({ findings }: VerifyReport): boolean => findings.every(({ severity }) => severity === 'note');
