// Raises a notification of Proxmox, which sends it wherever the node's administrator wants such things.
import type { Host } from './host.ts';
import { runCommand } from './run-command.ts';

/** Hands a mail to root over to Proxmox's notifications, as `system-mail`; on nodes since Proxmox VE 8.1. */
const FORWARD = 'proxmox-mail-forward';

/**
 * Runs as a unit of its own: targets may be reached over the network, which the agent's own unit has none of.
 * Returns false where the node has no notifications. @throws HostError when it could not be handed over.
 */
export async function raiseNotification(
  host: Host,
  { subject, text }: { readonly subject: string; readonly text: string },
): Promise<boolean> {
  if (host.simulated || !host.list('/usr/bin').includes(FORWARD)) return false;
  const mail = `From: root\nTo: root\nSubject: ${subject}\nContent-Type: text/plain; charset=utf-8\n\n${text}`;
  await runCommand(['systemd-run', '--quiet', '--collect', '--pipe', '--', `/usr/bin/${FORWARD}`], {
    timeoutMs: 30_000,
    input: mail,
  });
  return true;
}
