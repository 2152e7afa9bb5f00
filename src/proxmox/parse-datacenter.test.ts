// Registered tags among the other lines of datacenter.cfg.
import { expect, it } from 'vitest';
import { parseRegisteredTags } from './parse-datacenter.ts';

it.each([
  ['registered-tags: dedicated;confined\n', ['dedicated', 'confined']],
  ['keyboard: de\nregistered-tags:a, b c\ncrs: ha=static\n', ['a', 'b', 'c']],
  ['registered-tags: old\nregistered-tags: new\n', ['new']],
  ['registered-tags: \n', []],
  ['registered-tags: a\r\n', ['a']],
  ['user-tag-access: user-allow=none\n', []],
  ['#registered-tags: a\n', []],
  ['', []],
])('parseRegisteredTags() of %j', (text, tags) => {
  expect([...parseRegisteredTags(text)]).toEqual(tags);
});
