// Gives our terminal to the job of a lab host, once it runs: until then Ctrl-C is ours, from then on it is the job's.
import type { ChildProcess } from 'node:child_process';

export interface LabTerminal {
  /** What the job wrote before this waits for it. */
  readonly begin: () => void;
  /** The terminal is ours again, as it was. */
  readonly end: () => void;
}

const CTRL_CLOSING_BRACKET = 0x1d;

/** @param onEscape Ctrl-] was pressed, which ends the host whatever it does. Only terminals have it: input from a pipe is passed on as it is. */
export function makeLabTerminal({ stdin: toJob, stdout: ofJob }: ChildProcess, onEscape: () => void): LabTerminal {
  const ours = process.stdin;
  let begun = false;
  // The host has ended, and there is nobody to write to.
  toJob?.on('error', () => {});
  return {
    begin: () => {
      if (begun) return;
      begun = true;
      ofJob?.on('data', (chunk: Buffer) => process.stdout.write(chunk));
      if (ours.isTTY) ours.setRawMode(true);
      ours.on('data', (chunk: Buffer) => {
        if (ours.isTTY && chunk.includes(CTRL_CLOSING_BRACKET)) onEscape();
        else toJob?.write(chunk);
      });
    },
    end: () => {
      if (!begun) return;
      if (ours.isTTY) ours.setRawMode(false);
      // Else a pipe that nobody closes would keep us.
      ours.destroy();
    },
  };
}
