// `berth policy`: reads and edits what is wanted.

import { ParseError } from '#domain/errors.ts';
import type { VmId } from '#domain/ids.ts';
import { lockFile } from '#host/lock.ts';
import { editPolicy } from '#policy/edit-policy.ts';
import { parsePolicy } from '#policy/parse-policy.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { POLICY_PATH } from '../read-state.ts';

export async function showPolicy({ host, print }: CommandContext): Promise<ExitCode> {
  const text = host.read(POLICY_PATH);
  if (text === null) print(`# There is no ${POLICY_PATH}: nothing is dedicated, nothing changes.\n`);
  else {
    parsePolicy(text, POLICY_PATH);
    print(text);
  }
  return 0;
}

export async function setPolicy(
  { host, print }: CommandContext,
  { vmid, wishes }: { vmid: VmId; wishes: readonly string[] },
): Promise<ExitCode> {
  const pairs = wishes.map(wish => {
    const match = /^([A-Za-z]+)=(.*)$/.exec(wish);
    if (!match) throw new ParseError(`Cannot parse wish "${wish}": expected key=value, for example class=dedicated`);
    return [match[1] ?? '', match[2] ?? ''] as const;
  });
  const lock = lockFile(host, '/run/berth/lock');
  try {
    const before = host.read(POLICY_PATH) ?? '';
    const after = editPolicy(before, { vmid, wishes: pairs, file: POLICY_PATH });
    if (after === before) print('The policy says so already.\n');
    else {
      host.replaceFile(POLICY_PATH, after);
      print(`${POLICY_PATH}: guest ${vmid} ${wishes.join(' ')}. \`berth plan\` shows what that means.\n`);
    }
  } finally {
    lock.release();
  }
  return 0;
}
