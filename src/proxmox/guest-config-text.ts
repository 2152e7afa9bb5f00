// The text of a VM or container config, kept byte for byte but for the lines that an edit is about.
import { invariant } from '#domain/errors.ts';
import { splitList } from './config-value.ts';
import { trimSpace } from './perl-space.ts';

export interface ConfigLine {
  /** Without its ending. */
  readonly text: string;
  /** Empty for a last line without newline. */
  readonly ending: '\n' | '\r\n' | '';
}

/** `main`: everything before the first header. `pending`: a VM's `[PENDING]`. */
export type ConfigPart = 'main' | 'pending';

export interface ConfigEdit {
  readonly section: ConfigPart;
  readonly set: ReadonlyMap<string, string>;
  /** In `pending`: the keys that go when the VM next starts, which Proxmox keeps as one line `delete: a,b`. */
  readonly remove: readonly string[];
}

export function parseGuestConfigText(text: string): readonly ConfigLine[] {
  return text.split(/(?<=\n)/).flatMap(line => {
    if (line === '') return [];
    const ending = /\r?\n$/.exec(line)?.[0] === '\r\n' ? '\r\n' : line.endsWith('\n') ? '\n' : '';
    return [{ text: line.slice(0, line.length - ending.length), ending }];
  });
}

export function encodeGuestConfigText(lines: readonly ConfigLine[]): string {
  return lines.map(({ text, ending }) => text + ending).join('');
}

/** The value on the last line of this key, as it is written; null when there is none. */
export function rawConfigValue(lines: readonly ConfigLine[], section: ConfigPart, key: string): string | null {
  const range = findSection(lines, section);
  if (range === null) return null;
  const line = lines.slice(range.start, range.end).findLast(candidate => parseKeyLine(candidate.text)?.key === key);
  return line ? (parseKeyLine(line.text)?.value ?? null) : null;
}

/**
 * Sets and removes values. A key keeps the place of its last line, and its other lines go, because only one counts;
 * new keys follow the section's last line, and `[PENDING]` is made after the main section when it is missing.
 */
export function editGuestConfigText(text: string, edit: ConfigEdit): string {
  const lines = parseGuestConfigText(text);
  const changes = edit.section === 'pending' ? makePendingChanges(lines, edit) : makeMainChanges(edit);
  return encodeGuestConfigText(applyToSection(lines, edit.section, changes));
}

/** Null removes the key. */
type Changes = ReadonlyMap<string, string | null>;

interface LineRange {
  readonly start: number;
  readonly end: number;
}

const HEADER = /^\[[^\]]*\][ \t\r\f\v]*$/;
const PENDING_HEADER = /^\[pending\][ \t\r\f\v]*$/i;
/** Lines of `lxc.*` keys may also be written with `=`. */
const KEY_LINE = /^(?:(lxc\.[a-z0-9_.-]+)(?::|[ \t]*=)|([a-z][a-z_-]*\d*):)(.*)$/s;

function parseKeyLine(text: string): { readonly key: string; readonly value: string } | null {
  const [, lxcKey, key = lxcKey, value = ''] = KEY_LINE.exec(text) ?? [];
  return key === undefined ? null : { key, value: trimSpace(value) };
}

/** The section's lines without its header. Of several `[PENDING]` the last counts. */
function findSection(lines: readonly ConfigLine[], section: ConfigPart): LineRange | null {
  const isHeader = ({ text }: ConfigLine) => HEADER.test(text);
  const header = section === 'main' ? -1 : lines.findLastIndex(({ text }) => PENDING_HEADER.test(text));
  if (section === 'pending' && header === -1) return null;
  const next = lines.findIndex((line, index) => index > header && isHeader(line));
  return { start: header + 1, end: next === -1 ? lines.length : next };
}

function makeMainChanges({ set, remove }: ConfigEdit): Changes {
  return new Map([...remove.map(key => [key, null] as const), ...set]);
}

/** A key is either to be set or to be deleted, never both. */
function makePendingChanges(lines: readonly ConfigLine[], { set, remove }: ConfigEdit): Changes {
  const before = rawConfigValue(lines, 'pending', 'delete') ?? '';
  const listed = splitList(before);
  const kept = listed.filter(key => !set.has(key.replace(/^!/, '')));
  const deletions = [...kept, ...remove.filter(key => !kept.includes(key) && !kept.includes(`!${key}`))];
  const changes = new Map(makeMainChanges({ section: 'pending', set, remove }));
  if (deletions.join() !== listed.join())
    changes.set('delete', deletions.length === 0 ? null : deletions.sort().join(','));
  return changes;
}

function applyToSection(lines: readonly ConfigLine[], section: ConfigPart, changes: Changes): readonly ConfigLine[] {
  const range = findSection(lines, section);
  if (range === null) return insertLines(lines, endOfMain(lines), makePendingLines(changes));
  const body = lines.slice(range.start, range.end);
  const edited = body.flatMap((line, index) => editLine(line, body.slice(index + 1), changes));
  const present = new Set(body.map(({ text }) => parseKeyLine(text)?.key));
  const added = [...changes].filter(([key]) => !present.has(key)).flatMap(([key, value]) => makeKeyLines(key, value));
  const whole = [...lines.slice(0, range.start), ...edited, ...lines.slice(range.end)];
  return insertLines(whole, lastFilledLine(whole, range.start, range.start + edited.length), added);
}

/** The line as it is, changed, or gone. */
function editLine(line: ConfigLine, following: readonly ConfigLine[], changes: Changes): readonly ConfigLine[] {
  const parsed = parseKeyLine(line.text);
  const value = parsed ? changes.get(parsed.key) : undefined;
  if (parsed === null || value === undefined) return [line];
  if (value === null || following.some(later => parseKeyLine(later.text)?.key === parsed.key)) return [];
  return parsed.value === value ? [line] : makeKeyLines(parsed.key, value).map(text => ({ text, ending: line.ending }));
}

function makeKeyLines(key: string, value: string | null): readonly string[] {
  if (value === null) return [];
  invariant(value !== '' && !/[\r\n]/.test(value), `${key} cannot be written on one line`);
  return [`${key}: ${value}`];
}

function makePendingLines(changes: Changes): readonly string[] {
  const keyLines = [...changes].flatMap(([key, value]) => makeKeyLines(key, value));
  return keyLines.length === 0 ? [] : ['', '[PENDING]', ...keyLines];
}

function endOfMain(lines: readonly ConfigLine[]): number {
  const main = findSection(lines, 'main');
  return lastFilledLine(lines, 0, main?.end ?? 0);
}

/** The index behind the last line of a range that is not blank. */
function lastFilledLine(lines: readonly ConfigLine[], start: number, end: number): number {
  const last = lines.slice(start, end).findLastIndex(({ text }) => trimSpace(text) !== '');
  return start + last + 1;
}

/** New lines end as the line before them does; behind a last line without newline, the newcomer is the one without. */
function insertLines(lines: readonly ConfigLine[], at: number, texts: readonly string[]): readonly ConfigLine[] {
  if (texts.length === 0) return lines;
  const usual = lines.find(({ ending }) => ending !== '')?.ending ?? '\n';
  const before = lines.slice(0, at);
  const previous = before.at(-1);
  const closed = previous?.ending === '' ? [...before.slice(0, -1), { ...previous, ending: usual }] : before;
  const added = texts.map(
    (text, index) =>
      ({
        text,
        ending: previous?.ending === '' && index === texts.length - 1 ? '' : previous?.ending || usual,
      }) as const,
  );
  return [...closed, ...added, ...lines.slice(at)];
}
