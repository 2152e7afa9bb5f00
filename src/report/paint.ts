// Terminal colours: the one place with escape codes, readable on dark and on light backgrounds.

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  warn(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** CPUs kept for the host. */
  host(text: string): string;
  /** The colour of the guest with this position in the list; colours repeat after the last. */
  guest(position: number, text: string): string;
}

/** Middle tones of the 256-colour cube: black text is readable on each, neighbours in the list differ clearly. */
const GUEST_COLOURS = [75, 114, 215, 176, 80, 210, 185, 147, 150, 216, 117, 218];

/** Without colour every text comes back as it is. */
export function makePaint(color: boolean): Paint {
  const style = (codes: string, text: string): string => (color ? `\x1b[${codes}m${text}\x1b[0m` : text);
  const colourAt = (position: number): number => GUEST_COLOURS[position % GUEST_COLOURS.length] ?? 75;
  return {
    bold: text => style('1', text),
    dim: text => style('2', text),
    warn: text => style('1;38;5;208', text),
    good: text => style('38;5;35', text),
    bad: text => style('38;5;203', text),
    host: text => style('48;5;240;38;5;255', text),
    guest: (position, text) => style(`48;5;${colourAt(position)};38;5;16`, text),
  };
}

/** What is seen of a text. */
export const stripPaint = (text: string): string => text.replaceAll(/\x1b\[[\d;]*m/g, '');
