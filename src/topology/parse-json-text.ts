// JSON as lscpu prints it, with the line of every value: a bare `-` where other tools would write null.
import { failAt } from './pasted-lines.ts';

/** Numbers and booleans stay the text that they are; null and `-` are null. */
export interface JsonNode {
  readonly line: number;
  readonly value: string | null | readonly JsonNode[] | ReadonlyMap<string, JsonNode>;
}

/** Deeper than any output of lscpu, and far from the end of the stack. */
const MOST_NESTED = 20;

/** @throws ParseError with the line where the text stops being JSON. */
export function parseJsonText(text: string): JsonNode {
  const reader = new JsonReader(text);
  const node = reader.value(0);
  reader.end();
  return node;
}

const TOKEN = /\s*(?:([{}[\]:,])|("(?:[^"\\\n]|\\.)*")|(-(?=\s*[,}\]])|[\w.+-]+))/y;

class JsonReader {
  readonly #text: string;
  #position = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    const token = this.#next();
    const line = this.#line;
    if (depth > MOST_NESTED) failAt(line, 'The JSON is nested too deeply for an output of lscpu');
    if (token === '{') return { line, value: this.#members(depth) };
    if (token === '[') return { line, value: this.#elements(depth) };
    if (token.startsWith('"')) return { line, value: this.#string(token) };
    if (token === 'null' || token === '-') return { line, value: null };
    if (/^(true|false|-?\d+(\.\d+)?)$/.test(token)) return { line, value: token };
    return failAt(line, `Expected a JSON value, found "${token}"`);
  }

  end(): void {
    const rest = this.#text.slice(this.#position);
    const [blank = ''] = /^\s*/.exec(rest) ?? [];
    if (blank.length === rest.length) return;
    failAt(this.#line + countLines(blank), 'Expected nothing after the end of the JSON');
  }

  #members(depth: number): ReadonlyMap<string, JsonNode> {
    const members = new Map<string, JsonNode>();
    if (this.#skip('}')) return members;
    do {
      const token = this.#next();
      if (!token.startsWith('"')) failAt(this.#line, `Expected a name in quotes, found "${token}"`);
      const name = this.#string(token);
      if (members.has(name)) failAt(this.#line, `"${name}" occurs twice in one object`);
      this.#expect(':');
      members.set(name, this.value(depth + 1));
    } while (this.#continues('}'));
    return members;
  }

  #elements(depth: number): readonly JsonNode[] {
    const elements: JsonNode[] = [];
    if (this.#skip(']')) return elements;
    do elements.push(this.value(depth + 1));
    while (this.#continues(']'));
    return elements;
  }

  #continues(end: string): boolean {
    const token = this.#next();
    if (token !== ',' && token !== end) failAt(this.#line, `Expected "," or "${end}", found "${token}"`);
    return token === ',';
  }

  #expect(wanted: string): void {
    const token = this.#next();
    if (token !== wanted) failAt(this.#line, `Expected "${wanted}", found "${token}"`);
  }

  #skip(wanted: string): boolean {
    const { position, line } = { position: this.#position, line: this.#line };
    if (this.#next() === wanted) return true;
    this.#position = position;
    this.#line = line;
    return false;
  }

  #next(): string {
    TOKEN.lastIndex = this.#position;
    const match = TOKEN.exec(this.#text);
    if (!match) {
      const [blank = '', found = ''] = /^\s*(.{0,20})/.exec(this.#text.slice(this.#position)) ?? [];
      if (found === '') return failAt(this.#line, 'The JSON ends too early');
      return failAt(this.#line + countLines(blank), `Not JSON: "${found}"`);
    }
    this.#position = TOKEN.lastIndex;
    this.#line += countLines(match[0]);
    return match[1] ?? match[2] ?? match[3] ?? '';
  }

  #string(token: string): string {
    try {
      return JSON.parse(token) as string;
    } catch (error) {
      return failAt(this.#line, `Not a JSON string: ${token}`, { cause: error });
    }
  }
}

const countLines = (text: string): number => text.split('\n').length - 1;
