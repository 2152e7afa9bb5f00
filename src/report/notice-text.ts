// The mail that a notification of Proxmox is made of.
import type { Notice } from '#domain/notice.ts';
import { renderAgentProblem } from './agent-text.ts';

/** Subject and text, without line breaks in the subject. */
export function renderNotices(
  node: string,
  notices: readonly Notice[],
): { readonly subject: string; readonly text: string } {
  const [first] = notices.map(renderNotice);
  const more = notices.length > 1 ? ` and ${notices.length - 1} more` : '';
  const text = [
    ...notices.map(notice => `- ${renderNotice(notice)}`),
    '',
    'The agent goes on trying. What is so now: `berth status` and `berth verify` on that node; what it did: `journalctl -u berth`.',
    'At most one such message comes in an hour. `berth agent --no-notifications` sends none.',
    '',
  ].join('\n');
  return { subject: `Berth on ${node}: ${first ?? ''}${more}`.replaceAll(/\s+/g, ' '), text };
}

function renderNotice(notice: Notice): string {
  switch (notice.kind) {
    case 'problem':
      return renderAgentProblem(notice.vmid, notice.problem);
    case 'contested':
      return `VM ${notice.vmid}: somebody else keeps moving its vCPUs, they were put back ${notice.repairs} times within ten minutes`;
  }
}
