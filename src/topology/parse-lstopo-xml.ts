// What `lstopo --of xml` writes, in the formats of hwloc 1, 2 and 3.
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { ParseError } from '#domain/errors.ts';
import type { LstopoCpuKind, LstopoDistances, LstopoDocument, LstopoObject } from './lstopo-document.ts';
import { makeTopologyFromLstopo } from './lstopo-topology.ts';
import { failAt } from './pasted-lines.ts';
import type { PastedParts } from './pasted-parts.ts';

/**
 * `<topology version="2.0">` with nested `<object type="Package" os_index="0" cpuset="0x000000ff">`.
 * @throws ParseError with the line, for XML that is not well-formed as for objects that make no machine.
 */
export function parseLstopoXml(text: string): PastedParts {
  const reader = new LstopoReader();
  const parser = new SaxesParser();
  // saxes calls this for the first fault and would go on.
  parser.on('error', error => {
    const reason = error.message.replace(/^\d+:\d+: /, '');
    throw new ParseError(`Not well-formed XML: ${reason}`, { line: parser.line, column: parser.column });
  });
  parser.on('opentag', tag => reader.open(tag, parser.line));
  parser.on('text', words => reader.text(words));
  parser.on('closetag', tag => reader.close(tag.name, parser.line));
  // The declaration must be the first thing in XML; a paste may begin with blank lines.
  parser.write(text.replace(/^(\s*)<\?xml[^>]*\?>/, '$1')).close();
  return makeTopologyFromLstopo(reader.document());
}

/** The subset of versions whose objects we understand; files without a version are of hwloc 1. */
const KNOWN_VERSIONS = /^[123](\.\d+)*$/;

class LstopoReader {
  #version: string | null = null;
  readonly #objects: LstopoObject[] = [];
  readonly #open: LstopoObject[] = [];
  readonly #distances: LstopoDistances[] = [];
  readonly #cpuKinds: LstopoCpuKind[] = [];
  #matrix: Matrix | null = null;
  #cpuKind: LstopoCpuKind | null = null;
  #words = '';

  open({ name, attributes }: SaxesTagPlain, line: number): void {
    this.#words = '';
    if (this.#version === null) this.#start(name, attributes, line);
    else if (name === 'topology') failAt(line, 'A topology inside another: are these two outputs?');
    else if (name === 'object') this.#openObject(attributes, line);
    else if (name === 'info') this.#addInfo(attributes);
    else if (name === 'cpukind') this.#cpuKind = { line, cpuset: attributes.cpuset ?? '', infos: new Map() };
    else if (name === 'distances' || name === 'distances2') this.#matrix = this.#openMatrix(name, attributes, line);
    else if (name === 'latency') this.#matrix?.values.push(Number(attributes.value) * (this.#matrix.base ?? 1));
  }

  text(words: string): void {
    this.#words += words;
  }

  close(name: string, line: number): void {
    const numbers = (this.#words.match(/\S+/g) ?? []).map(Number);
    if (name === 'object') this.#open.pop();
    else if (name === 'indexes') this.#matrix?.indexes.push(...numbers);
    else if (name === 'u64values') this.#matrix?.values.push(...numbers);
    else if (name === 'cpukind' && this.#cpuKind) {
      this.#cpuKinds.push(this.#cpuKind);
      this.#cpuKind = null;
    } else if (name === 'distances' || name === 'distances2') this.#closeMatrix(line);
  }

  document(): LstopoDocument {
    return { objects: this.#objects, distances: this.#distances, cpuKinds: this.#cpuKinds };
  }

  #start(name: string, attributes: Readonly<Record<string, string>>, line: number): void {
    if (name !== 'topology') failAt(line, `Expected <topology> as lstopo writes it, found <${name}>`);
    this.#version = attributes.version ?? '1';
    if (!KNOWN_VERSIONS.test(this.#version))
      failAt(line, `Format ${this.#version} of lstopo is not known: 1, 2 and 3 are`);
  }

  #openObject(attributes: Readonly<Record<string, string>>, line: number): void {
    const { type } = attributes;
    if (!type) failAt(line, 'An object without a type');
    const object = { type, line, attributes, parent: this.#open.at(-1) ?? null, infos: new Map<string, string>() };
    this.#objects.push(object);
    this.#open.push(object);
  }

  #addInfo({ name, value }: Readonly<Record<string, string>>): void {
    if (name !== undefined && value !== undefined) (this.#cpuKind ?? this.#open.at(-1))?.infos.set(name, value);
  }

  /** v1 writes relative latencies of the objects some levels below; v2 names what it compares. */
  #openMatrix(name: string, attributes: Readonly<Record<string, string>>, line: number): Matrix {
    const isLatency = attributes.name === undefined || attributes.name === 'NUMALatency';
    const ofNodes = name === 'distances' || (attributes.type === 'NUMANode' && isLatency);
    const base = name === 'distances' ? Number(attributes.latency_base ?? 1) : null;
    return { line, ofNodes, base, indexes: [], values: [], size: Number(attributes.nbobjs) };
  }

  #closeMatrix(line: number): void {
    const matrix = this.#matrix;
    this.#matrix = null;
    if (!matrix?.ofNodes) return;
    const { size, values, indexes, base } = matrix;
    const isWhole = values.length === size * size && (base !== null || indexes.length === size);
    if (!isWhole || ![...values, ...indexes].every(value => Number.isFinite(value) && value >= 0)) {
      failAt(line, `Expected ${size} × ${size} distances between nodes, found ${values.length} values`);
    }
    this.#distances.push({ line: matrix.line, nodes: base === null ? indexes : null, values: values.map(Math.round) });
  }
}

interface Matrix {
  readonly line: number;
  readonly ofNodes: boolean;
  /** What v1 latencies are multiples of; null in later formats. */
  readonly base: number | null;
  readonly size: number;
  readonly indexes: number[];
  readonly values: number[];
}
