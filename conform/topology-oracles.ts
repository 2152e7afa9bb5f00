// What lscpu, lstopo and numactl said about a machine, brought to one form: groups of CPUs by dimension.

export type Dimension = 'package' | 'core' | 'llc' | 'numa';

/** Groups of CPUs; null where the tool says nothing about that dimension. */
export type OracleGroups = Readonly<Record<Dimension, ReadonlyArray<readonly number[]> | null>>;

/** `lscpu -a -p=CPU,CORE,SOCKET,NODE,CACHE,ONLINE`. A row shorter than the header has shifted columns: then caches cannot be compared. */
export function parseLscpuTable(text: string): OracleGroups {
  const lines = text.trimEnd().split('\n');
  const header = (lines.findLast(line => line.startsWith('# CPU,')) ?? '').slice(2).split(',');
  const rows = lines.filter(line => !line.startsWith('#')).map(line => line.split(','));
  const online = rows.filter(row => row.at(-1) === 'Y' && row[0] !== '');
  const ragged = online.some(row => row.length !== header.length);
  const caches = header.filter(name => /^L\d+d?$/.test(name)).sort();
  const group = (name: string | undefined): number[][] | null => {
    const column = header.indexOf(name ?? '');
    const known = online.filter(row => column > 0 && row[column] !== '' && row[column] !== undefined);
    return known.length === 0
      ? null
      : groupBy(
          known,
          row => row[column] ?? '',
          row => Number(row[0]),
        );
  };
  return {
    core: group('Core'),
    package: group('Socket'),
    numa: group('Node'),
    llc: ragged ? null : group(caches.at(-1)),
  };
}

/** lstopo obeys the cgroup of the captured machine: these it knew of and left out. */
export interface LstopoReport {
  readonly groups: OracleGroups;
  readonly hiddenCpus: ReadonlySet<number>;
  readonly hiddenNodes: ReadonlySet<number>;
  /** Ascending by address; lstopo leaves bridges and dull devices out. */
  readonly pciDevices: readonly OraclePciDevice[];
}

export interface OraclePciDevice {
  readonly address: string;
  /** `0200 8086:1572`: base class and subclass, vendor, device. */
  readonly kind: string;
  /** Those of the object below which lstopo hangs the device. */
  readonly cpus: readonly number[];
}

/** `lstopo --of xml`: every processing unit takes the groups of the objects around it; NUMA nodes carry their own cpuset. */
export function parseLstopoXml(xml: string): LstopoReport {
  const stack: XmlObject[] = [];
  const units: Unit[] = [];
  const numa: number[][] = [];
  const pciDevices: OraclePciDevice[] = [];
  for (const [tag, attributes = '', selfClosing] of xml.matchAll(/<object ([^>]*?)(\/)?>|<\/object>/g)) {
    if (tag === '</object>') {
      stack.pop();
      continue;
    }
    const object = makeObject(attributes, stack.length + units.length);
    if (object.type === 'PCIDev') pciDevices.push(makePciDevice(attributes, stack));
    if (object.type === 'PU') units.push(makeUnit(object, stack));
    if (object.type === 'NUMANode') numa.push(parseHexSet(object.cpuset));
    if (!selfClosing) stack.push(object);
  }
  const group = (of: (unit: Unit) => string | null): number[][] | null => {
    const known = units.filter(unit => of(unit) !== null);
    return known.length === 0
      ? null
      : groupBy(
          known,
          unit => of(unit) ?? '',
          unit => unit.cpu,
        );
  };
  const hidden = (name: string): Set<number> => {
    const shown = new Set(parseHexSet(firstAttribute(xml, name)));
    return new Set(parseHexSet(firstAttribute(xml, `complete_${name}`)).filter(id => !shown.has(id)));
  };
  return {
    groups: {
      core: group(unit => unit.core),
      package: group(unit => unit.package),
      llc: group(unit => unit.llc),
      numa: numa.length === 0 ? null : numa,
    },
    hiddenCpus: hidden('cpuset'),
    hiddenNodes: hidden('nodeset'),
    pciDevices: pciDevices.sort((a, b) => (a.address < b.address ? -1 : 1)),
  };
}

/** Of the first object that has it, which is the machine. */
const firstAttribute = (xml: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(xml)?.[1] ?? '';

interface XmlObject {
  readonly type: string;
  readonly index: number;
  readonly cpuset: string;
  /** Of unified and data caches; 0 for everything else. */
  readonly cacheLevel: number;
}

interface Unit {
  readonly cpu: number;
  readonly core: string | null;
  readonly package: string | null;
  readonly llc: string | null;
}

function makeObject(attributes: string, fallbackIndex: number): XmlObject {
  const value = (name: string): string => firstAttribute(` ${attributes}`, name);
  const cache = /^L(\d)Cache$/.exec(value('type'));
  return {
    type: value('type'),
    index: value('os_index') === '' ? fallbackIndex : Number(value('os_index')),
    cpuset: value('cpuset'),
    cacheLevel: Number(cache?.[1] ?? 0),
  };
}

/** `pci_type="0200 [8086:1572] [0000:0000] 02"`. Bridges around a device have no CPUs of their own. */
function makePciDevice(attributes: string, around: readonly XmlObject[]): OraclePciDevice {
  const value = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
  const [, pciClass = '', ids = ''] = /^(\w+) \[(\w+:\w+)\]/.exec(value('pci_type')) ?? [];
  const home = around.findLast(object => object.cpuset !== '');
  return { address: value('pci_busid'), kind: `${pciClass} ${ids}`, cpus: parseHexSet(home?.cpuset ?? '') };
}

function makeUnit(unit: XmlObject, around: readonly XmlObject[]): Unit {
  const cpusetOf = (type: string): string | null => around.find(object => object.type === type)?.cpuset ?? null;
  const lastLevel = Math.max(0, ...around.map(object => object.cacheLevel));
  const llc = around.find(object => object.cacheLevel === lastLevel && lastLevel > 0);
  return { cpu: unit.index, core: cpusetOf('Core'), package: cpusetOf('Package'), llc: llc?.cpuset ?? null };
}

/** `0xf0000000,0x00000001`; inner words may be empty, which is zero. */
function parseHexSet(text: string): number[] {
  return text
    .split(',')
    .reverse()
    .flatMap((word, position) => {
      const bits = Number.parseInt(word.replace(/^0x/, '') || '0', 16);
      return Array.from({ length: 32 }, (_, bit) => bit)
        .filter(bit => Math.floor(bits / 2 ** bit) % 2 === 1)
        .map(bit => position * 32 + bit);
    });
}

interface NumactlNode {
  readonly cpus: readonly number[];
  /** Null for `<not available>`. */
  readonly sizeMiB: number | null;
  readonly freeMiB: number | null;
}

export interface NumactlReport {
  readonly nodes: ReadonlyMap<number, NumactlNode>;
  /** From each node to every node in order of id; empty where numactl has none. */
  readonly distances: ReadonlyMap<number, readonly number[]>;
}

/** `numactl --hardware`. */
export function parseNumactl(text: string): NumactlReport {
  const numbers = (words: string): number[] => words.trim().split(/\s+/).filter(Boolean).map(Number);
  const amount = (node: string, what: string): number | null => {
    const match = new RegExp(`^node ${node} ${what}: (\\d+) MB$`, 'm').exec(text);
    return match ? Number(match[1]) : null;
  };
  const nodes = [...text.matchAll(/^node (\d+) cpus:(.*)$/gm)].map(([, id = '', cpus = '']): [number, NumactlNode] => [
    Number(id),
    { cpus: numbers(cpus), sizeMiB: amount(id, 'size'), freeMiB: amount(id, 'free') },
  ]);
  const matrix = text.split('node distances:\n')[1] ?? '';
  const distances = [...matrix.matchAll(/^ *(\d+): (.*)$/gm)].map(([, id, row = '']): [number, number[]] => [
    Number(id),
    numbers(row),
  ]);
  return { nodes: new Map(nodes), distances: new Map(distances) };
}

function groupBy<Row>(rows: readonly Row[], key: (row: Row) => string, cpu: (row: Row) => number): number[][] {
  const groups = new Map<string, number[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), cpu(row)]);
  return [...groups.values()];
}
