// White space as Proxmox's Perl sees it in bytes. JavaScript also counts 0xA0, which is half a letter in UTF-8.

const SPACE = ' \t\n\r\f\v';

export function trimSpaceEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export function trimSpace(text: string): string {
  const trimmed = trimSpaceEnd(text);
  let start = 0;
  while (start < trimmed.length && SPACE.includes(trimmed.charAt(start))) start++;
  return trimmed.slice(start);
}

/** What Perl's `\s*(.+?)\s*$` takes for the value: of a text that is all space, its last character. */
export function trimValue(text: string): string {
  return trimSpace(text) || text.slice(-1);
}
