// Tells the node's administrator, through Proxmox's notifications, what the agent cannot put right.
import { makeNotices } from '#agent/notices.ts';
import type { Pass } from '#agent/reconciler.ts';
import { HostError } from '#host/host-error.ts';
import { raiseNotification } from '#host/raise-notification.ts';
import { readNodeName } from '#host/read-node-name.ts';
import { renderNotices } from '#report/notice-text.ts';
import type { CommandContext } from './command-context.ts';

/** Returns at once; a notification that cannot be raised is said and not tried again, since the log has what it was about. */
export function makeNotifier({ host, tell }: CommandContext): (pass: Pass) => void {
  const notices = makeNotices();
  return pass => {
    const due = notices(pass, performance.now());
    if (due.length === 0) return;
    raiseNotification(host, renderNotices(readNodeName(host), due)).catch((error: unknown) => {
      if (!(error instanceof HostError)) throw error;
      tell(`No notification was raised: ${error.message}\n`);
    });
  };
}
