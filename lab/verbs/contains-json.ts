// Whether a JSON value contains another: objects by their keys, lists by having a matching item for each wanted one.

/** Null when it does; else where it does not. */
export function containsJson(found: unknown, wanted: unknown, path = ''): string | null {
  const at = path === '' ? 'the JSON' : path;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return `${at} is ${JSON.stringify(found)}, not a list`;
    const lacking = wanted.find(item => !found.some(candidate => containsJson(candidate, item) === null));
    return lacking === undefined ? null : `${at} has no ${JSON.stringify(lacking)}; it is ${JSON.stringify(found)}`;
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null) return `${at} is ${JSON.stringify(found)}, not an object`;
    const values = found as Readonly<Record<string, unknown>>;
    for (const [key, value] of Object.entries(wanted)) {
      const problem = containsJson(values[key], value, path === '' ? key : `${path}.${key}`);
      if (problem !== null) return problem;
    }
    return null;
  }
  return found === wanted ? null : `${at} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
}
