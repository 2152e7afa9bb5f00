// The one line of datacenter.cfg that matters here: which tags only privileged users may set.

/** `registered-tags: dedicated;confined` (datacenter.cfg(5)); empty when there is none. */
export function parseRegisteredTags(text: string): ReadonlySet<string> {
  const line = text.split('\n').findLast(candidate => candidate.startsWith('registered-tags:'));
  const tags = (line ?? '').slice('registered-tags:'.length).split(/[;, ]/);
  return new Set(tags.map(tag => tag.trim()).filter(tag => tag !== ''));
}
