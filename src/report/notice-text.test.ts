// The mail says on which node, what, and where to look.
import { expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { renderNotices } from './notice-text.ts';

it('renderNotices() puts the first into the subject, all into the text, and no line break into the subject', () => {
  const { subject, text } = renderNotices('pve1', [
    { kind: 'problem', vmid: vmId(100), problem: 'QEMU does\nnot answer' },
    { kind: 'contested', vmid: vmId(101), repairs: 4 },
  ]);
  expect(subject).toBe('Berth on pve1: VM 100: QEMU does not answer and 1 more');
  expect(text).toContain('- VM 101: somebody else keeps moving its vCPUs');
  expect(text).toContain('`berth status`');
});
