// Which boot loader starts this host, by evidence: that a file for one of them is there proves nothing.
import type { BootLoader, BootSign, FoundLoader } from '#domain/boot-isolation.ts';
import { type BootProgram, type BootTexts, startedBy } from './boot-config.ts';

export interface LoaderClues {
  readonly texts: BootTexts;
  /** What `proxmox-boot-tool status` prints; null where it did not run. */
  readonly toolStatus: string | null;
  /** The program that the firmware started, such as `\EFI\systemd\systemd-bootx64.efi`; null where it does not say. */
  readonly firmwareProgram: string | null;
}

type Clue = BootSign & { readonly says: BootProgram };

/**
 * The command line of the kernel that runs says who started it, the firmware whom it started itself, and proxmox-boot-tool for whom it
 * fills its partitions. They have to agree.
 */
export function findBootLoader({ texts, toolStatus, firmwareProgram }: LoaderClues): FoundLoader {
  const clues = [...commandLineClue(texts), ...firmwareClue(firmwareProgram), ...toolClues(toolStatus)];
  const uuids = (texts.bootUuids?.text ?? '').split('\n').filter(line => /^\s*[^#\s]/.test(line));
  const managed = uuids.length > 0 && texts.bootUuids !== null;
  const signs: readonly BootSign[] = [
    ...clues.map(({ source, text }) => ({ source, text })),
    ...(managed ? [{ source: texts.bootUuids.file, text: uuids.map(line => line.trim()).join(' ') }] : []),
  ];
  const programs = new Set(clues.map(({ says }) => says));
  const [program] = programs;
  if (program === undefined) return { kind: 'unknown', why: 'no-sign', signs };
  if (programs.size > 1) return { kind: 'unknown', why: 'signs-differ', signs };
  if (program === 'systemd-boot') {
    return managed ? found('systemd-boot', signs) : { kind: 'unknown', why: 'unmanaged', signs };
  }
  if (texts.grub === null) return { kind: 'unknown', why: 'no-defaults', signs };
  return found(managed ? 'grub-on-esp' : 'grub', signs);
}

const found = (loader: BootLoader, signs: readonly BootSign[]): FoundLoader => ({ kind: 'found', loader, signs });

function commandLineClue({ commandLine }: BootTexts): readonly Clue[] {
  const started = startedBy(commandLine?.text ?? '');
  return started === null || commandLine === null
    ? []
    : [{ source: commandLine.file, text: started.word, says: started.by }];
}

/** Shim, which Secure Boot needs, starts GRUB. */
function firmwareClue(program: string | null): readonly Clue[] {
  const says = /systemd-boot/i.test(program ?? '')
    ? 'systemd-boot'
    : /\\(grub|shim)/i.test(program ?? '')
      ? 'grub'
      : null;
  return says === null || program === null ? [] : [{ source: 'firmware', text: program, says }];
}

/** `8357-FBD5 is configured with: uefi (versions: …)`: systemd-boot; with `grub`, GRUB. */
function toolClues(status: string | null): readonly Clue[] {
  const lines = [...(status ?? '').matchAll(/^(\S+) is configured with: (uefi|grub)\b/gm)];
  return lines.map(([text, , mode]) => ({
    source: 'proxmox-boot-tool status',
    text,
    says: mode === 'uefi' ? 'systemd-boot' : 'grub',
  }));
}
