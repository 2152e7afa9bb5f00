// The English of findings about kernel parameters.
import type { BootFacts } from '#domain/doctor/boot-facts.ts';
import { parametersAre } from './count-words.ts';
import type { DoctorMessages } from './message.ts';

const LOADERS = {
  grub: { name: 'GRUB', file: 'GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub', command: 'update-grub' },
  'systemd-boot': {
    name: 'systemd-boot',
    file: 'the first line of /etc/kernel/cmdline',
    command: 'proxmox-boot-tool refresh',
  },
} as const;

const HARMS = {
  'hides-nodes': {
    what: 'hides the NUMA nodes of this machine',
    advice: 'Remove it and reboot: without nodes nothing can be kept near its memory.',
  },
  polls: {
    what: 'keeps every idle CPU spinning, at the cost of its sibling thread',
    advice: 'Remove it and reboot; for short wake-ups limit the sleep states instead, with processor.max_cstate=1.',
  },
} as const;

export const bootMessages: DoctorMessages<BootFacts> = {
  'boot-loader-unused': {
    what: f =>
      `${LOADERS[f.loader].name} boots this host, and never reads the file in which ${parametersAre(f.parameters)} written.`,
    why: 'Each boot loader has a file of its own. /etc/default/grub is read by GRUB alone, /etc/kernel/cmdline by systemd-boot alone, and both may be there.',
    advice: f =>
      `Write the parameters into ${LOADERS[f.loader].file}, run \`${LOADERS[f.loader].command}\`, reboot, and look at /proc/cmdline.`,
  },
  'boot-parameter-overridden': {
    what: f => `${parametersAre(f.parameters)} assigned to a variable of GRUB that a later line assigns anew.`,
    why: 'GRUB reads /etc/default/grub, then /etc/default/grub.d/*.cfg, as shell scripts: of two assignments the later one counts.',
    advice: () =>
      'In the later line begin with the old value, as in GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT …"; then run `update-grub` and reboot.',
  },
  'boot-parameter-pending': {
    what: f =>
      `${parametersAre(f.parameters)} written for ${LOADERS[f.loader].name}, and not on the command line of the running kernel.`,
    why: 'Parameters count from the next boot, and only if the configuration of the boot loader was made anew before.',
    advice: f => `Run \`${LOADERS[f.loader].command}\`, then reboot; /proc/cmdline shows what came through.`,
  },
  'boot-parameter-vanishing': {
    what: f =>
      `${parametersAre(f.parameters)} on the command line of the running kernel and written nowhere: the next boot will be without.`,
    why: 'It was typed in the menu of the boot loader, or its line was changed since this boot.',
    advice: f => `To keep it write it into ${LOADERS[f.loader].file} and run \`${LOADERS[f.loader].command}\`.`,
  },
  'boot-parameter-harmful': {
    what: f => `${f.parameter} on the kernel's command line ${HARMS[f.harm].what}.`,
    why: 'What guides recommend for one machine costs more than it gives on another.',
    advice: f => HARMS[f.harm].advice,
  },
  'kernel-cmdline-later-lines': {
    what: f => `${parametersAre(f.parameters)} below the first line of /etc/kernel/cmdline, where nobody reads.`,
    why: 'proxmox-boot-tool gives systemd-boot the first line of this file and passes over all others.',
    advice: () => 'Join the lines into one, run `proxmox-boot-tool refresh`, then reboot.',
  },
};
