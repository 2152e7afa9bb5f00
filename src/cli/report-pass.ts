// What a pass of the agent did and could not do, for the journal or whoever reads its output.
import { fstatSync } from 'node:fs';
import type { Pass } from '#agent/reconciler.ts';
import { type LogLine, openJournal } from '#host/journal-log.ts';
import { renderAgentProblem, renderRepaired } from '#report/agent-text.ts';
import type { CommandContext } from './command-context.ts';

const STDERR = 2;

/** A problem that stays is said once; when it changes, again. */
export function makePassReporter(
  { print, tell }: Pick<CommandContext, 'print' | 'tell'>,
  journal = openJournal(process.env, fstatSync(STDERR)),
): (pass: Pass) => void {
  const say = (message: string, priority: LogLine['priority'], fields: LogLine['fields']) => {
    if (journal?.({ message, priority, fields }) === true) return;
    (priority === INFORMATIONAL ? print : tell)(`${message}\n`);
  };
  let said: Pass['problems'] = new Map();
  return ({ repaired, problems }) => {
    for (const repair of repaired) {
      say(renderRepaired(repair), INFORMATIONAL, { ...fieldsOf(repair.vmid), BERTH_REPAIR: repair.kind });
    }
    for (const [vmid, problem] of problems) {
      if (said.get(vmid) === problem) continue;
      say(renderAgentProblem(vmid, problem), WARNING, { ...fieldsOf(vmid), BERTH_PROBLEM: 'stands' });
    }
    for (const vmid of said.keys()) {
      if (problems.has(vmid)) continue;
      say(renderAgentProblem(vmid, 'is right again'), NOTICE, { ...fieldsOf(vmid), BERTH_PROBLEM: 'gone' });
    }
    said = problems;
  };
}

const INFORMATIONAL = 6;
const NOTICE = 5;
const WARNING = 4;

const fieldsOf = (vmid: number | null): LogLine['fields'] => (vmid === null ? {} : { BERTH_VMID: `${vmid}` });
