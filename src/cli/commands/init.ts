// `berth init`: looks at host and guests, asks which of them matter, shows the plan, and writes the first policy.
import { refusePolicy, writeFirstPolicy } from '#apply/write-policy.ts';
import { planOutputJson } from '#contract/plan.ts';
import { encodeJson } from '#contract/read-json.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import { HostError } from '#host/host-error.ts';
import { makeDefaultHousekeeping } from '#plan/default-housekeeping.ts';
import { makeFirstPolicy } from '#policy/make-first-policy.ts';
import { makeWishes } from '#policy/make-wishes.ts';
import { parsePolicy } from '#policy/parse-policy.ts';
import { renderGuestChoice } from '#report/guest-choice-text.ts';
import { renderPlan } from '#report/plan-text.ts';
import { askForVmids } from '../ask-for-vmids.ts';
import { type CommandContext, confirm, type ExitCode } from '../command-context.ts';
import { provePlan } from '../prove-plan.ts';
import { POLICY_PATH, planInput, type ReadState, readState } from '../read-state.ts';
import { tellUntried } from '../tell-untried.ts';
import { showInfeasible } from './plan.ts';

export interface InitOptions {
  /** Absent: ask. */
  readonly dedicated?: readonly VmId[];
  readonly confined?: readonly VmId[];
  readonly yes: boolean;
}

interface Choice {
  readonly dedicated: readonly VmId[];
  readonly confined: readonly VmId[];
}

/** 0 written and the host is so already, 1 refused, or not written because there is no plan, 2 written, and something would change. */
export async function init(context: CommandContext, options: InitOptions): Promise<ExitCode> {
  const { host, paint, json, print } = context;
  refusePolicy(host, POLICY_PATH);
  const untried = tellUntried(context);
  const before = await readState(host);
  if (!json) print(renderGuestChoice(before.inventory, paint));
  const choice = await chooseGuests(before.inventory, options);
  const text = makeFirstPolicy({ ...choice, guests: before.inventory.guests, keptByDefault: keptByDefault(before) });
  const made = await provePlan(planInput(withPolicy(before, text), host), context);
  if (made.kind === 'infeasible') {
    context.tell('There is no plan for that, so no policy was written.\n');
    return showInfeasible(context, { infeasible: made, input: planInput(withPolicy(before, text), host), untried });
  }
  if (!json) print(`\n${renderPlan(made, before.inventory, paint)}\n`);
  const isAsked = options.dedicated === undefined && options.confined === undefined;
  if (isAsked && !options.yes && !(await confirm(`Write ${POLICY_PATH}? Nothing else is changed.`))) {
    throw new HostError('refused', 'Nothing was written');
  }
  await writeFirstPolicy(text, { host, node: before.inventory.node, path: POLICY_PATH, now: context.now });
  if (json) {
    print(
      encodeJson(planOutputJson, { schema: 'berth/plan/1' as const, simulated: host.simulated, ...made, ...untried }),
    );
  } else print(`Wrote ${POLICY_PATH}. \`berth apply\` makes the plan true.\n`);
  return made.changes.length === 0 ? 0 : 2;
}

async function chooseGuests(inventory: Inventory, options: InitOptions): Promise<Choice> {
  const known = inventory.guests.filter(({ template }) => !template).map(({ vmid }) => vmid);
  const isAsked = options.dedicated === undefined && options.confined === undefined;
  const choice = isAsked ? await askForVmids(known) : { dedicated: [], confined: [], ...options };
  const { dedicated, confined } = choice;
  const both = dedicated.filter(vmid => confined.includes(vmid));
  if (both.length > 0) throw new HostError('refused', `${both.join(', ')}: dedicated or confined, not both`);
  const strangers = [...dedicated, ...confined].filter(vmid => !known.includes(vmid));
  if (strangers.length > 0) {
    throw new HostError('missing', `There is no guest ${strangers.join(', ')} on node ${inventory.node}`);
  }
  return { dedicated, confined };
}

function withPolicy(state: ReadState, text: string): ReadState {
  const policy = parsePolicy(text, POLICY_PATH);
  return { ...state, policy, wishes: makeWishes(policy, state.inventory.guests, new Set(), state.travelling) };
}

const keptByDefault = ({ inventory }: ReadState): string =>
  encodeIdList(makeDefaultHousekeeping({ inventory, wishes: new Map() }).cpus);
