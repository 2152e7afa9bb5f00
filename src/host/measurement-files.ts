// The latency runs of this node on disk, one file each, beside the journal.
import { measurementJson } from '#contract/measurement.ts';
import { encodeJson, parseJson } from '#contract/read-json.ts';
import type { Measurement } from '#domain/measurement.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';

const MEASUREMENTS_DIRECTORY = '/var/lib/berth/measurements';
/** In memory, for when there is no room on the disk: gone with the next boot. */
const SPARE_DIRECTORY = '/run/berth/measurements';

/** In the order in which they were stored. */
function listIds(tree: TextTree): readonly string[] {
  const names = [MEASUREMENTS_DIRECTORY, SPARE_DIRECTORY].flatMap(directory => tree.list(directory));
  const ids = names.flatMap(name => /^(\d{4,})\.json$/.exec(name)?.[1] ?? []);
  return [...new Set(ids)].sort((a, b) => Number(a) - Number(b));
}

export function nextMeasurementId(tree: TextTree): string {
  return `${Number(listIds(tree).at(-1) ?? 0) + 1}`.padStart(4, '0');
}

/** Oldest first. @throws ParseError naming a file that is none. */
export function readMeasurements(tree: TextTree): readonly Measurement[] {
  return listIds(tree).map(id => readMeasurement(tree, id));
}

/** @throws HostError `missing` when there is none with this id. */
export function readMeasurement(tree: TextTree, id: string): Measurement {
  const name = `${id.padStart(4, '0')}.json`;
  for (const directory of [MEASUREMENTS_DIRECTORY, SPARE_DIRECTORY]) {
    const path = `${directory}/${name}`;
    const text = /^\d{4,}\.json$/.test(name) ? tree.read(path) : null;
    if (text === null) continue;
    const { schema: _schema, ...measurement } = parseJson(measurementJson, text, path);
    return measurement;
  }
  throw new HostError('missing', `There is no measurement ${id}; see \`berth bench --list\``);
}

export interface KeptMeasurement {
  readonly path: string;
  /** Why it is only in memory, until the next boot; null when it is on the disk. */
  readonly problem: string | null;
}

/** @throws HostError when it can be kept nowhere. */
export function writeMeasurement(host: Host, measurement: Measurement): KeptMeasurement {
  const text = encodeJson(measurementJson, { schema: 'berth/measurement/1', ...measurement });
  const name = `${measurement.id}.json`;
  try {
    const path = `${MEASUREMENTS_DIRECTORY}/${name}`;
    host.replaceFile(path, text, 0o600);
    return { path, problem: null };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const path = `${SPARE_DIRECTORY}/${name}`;
    host.replaceFile(path, text, 0o600);
    return { path, problem: error.message };
  }
}
