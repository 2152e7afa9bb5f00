// What a lab host's console says: how far it came, and why it got no further.

const STAGES: Readonly<Record<string, string>> = {
  modules: 'loading modules',
  root: "mounting this machine's files",
  systemd: 'starting systemd',
  ready: 'running',
};

/** The stage that a host is in, from all that it has printed so far. */
export function nameStage(console: string): string {
  const last = [...console.matchAll(/^lab: (\w+)\s*\n/gm)].at(-1)?.[1];
  return last === undefined ? 'booting the kernel' : (STAGES[last] ?? last);
}

/** The stage in which the job has the terminal. */
export const isRunning = (stage: string): boolean => stage === STAGES.ready;

const REASONS: readonly (readonly [pattern: RegExp, reason: (found: string) => string])[] = [
  [/^lab: failed: (.*)$/m, found => `Its first program failed: ${found}`],
  [/Kernel panic - not syncing: (.*)$/m, found => `The kernel panicked: ${found}`],
  [/Out of memory: Killed process \d+ (\(.*?\))/m, found => `It ran out of memory, and the kernel killed ${found}`],
  [/systemd\[1\]: (Failed to .*)$/m, found => `systemd: ${found}`],
];

/** Why a host ended without its job's result; never empty. */
export function explainConsole(console: string): string {
  for (const [pattern, reason] of REASONS) {
    const found = pattern.exec(console)?.[1];
    if (found !== undefined) return reason(found.trim());
  }
  const tail = console.trimEnd().split('\n').slice(-5).join('\n');
  return tail === ''
    ? 'It printed nothing at all'
    : `It ended in the stage "${nameStage(console)}" without a result. Its console ends with:\n${tail}`;
}

/**
 * True for an oops that is QEMU's doing, not the kernel's: the kernel patches its own code on all CPUs at once by a breakpoint, and under
 * emulation with a host thread for each CPU one of them can still run the translation that had it. It comes on busy machines.
 */
export const isEmulatorFault = (console: string): boolean => /\bint3: 0000 \[#/.test(console);

/** True for a boot that is worth another: distributed kernels come up, so one that oopses before its job begins was failed by the emulator. */
export const failedToBoot = (console: string): boolean =>
  !isRunning(nameStage(console)) &&
  (isEmulatorFault(console) || /^.*Kernel panic - not syncing: Fatal exception/m.test(console));
