// Whether the journal is meant at all, and what it is told.
import { describe, expect, it } from 'vitest';
import { listenDatagram } from '#fixtures/listen-datagram.ts';
import { openJournal } from './journal-log.ts';

const STDERR = { dev: 8, ino: 2201 };

describe('openJournal()', () => {
  it('sends one datagram, a field on each line', async () => {
    const { path, received } = await listenDatagram();
    const journal = openJournal({ JOURNAL_STREAM: '8:2201' }, STDERR, path);
    expect(journal?.({ message: 'VM 100: a\n b', priority: 4, fields: { BERTH_VMID: '100' } })).toBe(true);
    expect(await received).toBe('MESSAGE=VM 100: a b\nPRIORITY=4\nSYSLOG_IDENTIFIER=berth\nBERTH_VMID=100\n');
  });

  it.each([
    ['no journal is told of', {}],
    ['its standard error was sent elsewhere', { JOURNAL_STREAM: '8:2202' }],
  ])('is null where %s', (_, env) => {
    expect(openJournal(env, STDERR)).toBeNull();
  });

  it('says when nobody listens', () => {
    const journal = openJournal({ JOURNAL_STREAM: '8:2201' }, STDERR, '/nonexistent/socket');
    expect(journal?.({ message: 'x', priority: 6, fields: {} })).toBe(false);
  });
});
