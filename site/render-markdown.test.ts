// Markdown becomes HTML with anchors, links that are kept or dropped, and nothing that could run.
import { describe, expect, it } from 'vitest';
import { renderMarkdown, resolvePath } from './render-markdown.ts';

const render = (text: string, resolve: (href: string) => string | null = href => href) => renderMarkdown(text, resolve);

describe('renderMarkdown()', () => {
  it('takes the first heading as title, and lists those of the second level', () => {
    const { title, headings, ids } = render('# The `one`\n\n## Two words\n\n### Deep\n\n## Two words\n');
    expect(title).toBe('The one');
    expect(headings.map(({ id }) => id)).toEqual(['two-words', 'two-words-1']);
    expect([...ids]).toEqual(['the-one', 'two-words', 'deep', 'two-words-1']);
  });

  it('refuses a file without a first-level heading', () => {
    expect(() => render('## Only this\n')).toThrow('it has no first-level heading');
  });

  it('keeps the text of a link that leads nowhere', () => {
    expect(render('# T\n\n[a **b**](gone.ts)', () => null).html).toContain('<p>a <strong>b</strong></p>');
  });

  it('shows HTML as text and leaves comments out', () => {
    const { html } = render('# T\n\n<!-- host: x -->\n\na <VMID> b\n\n<script>x</script>\n');
    expect(html).toContain('a &lt;VMID&gt; b');
    expect(html).not.toMatch(/<script|<!--/);
  });

  it('tells what is typed from what is answered', () => {
    const { html } = render('# T\n\n```console\n$ berth plan\nOptimal <1>\n```\n');
    expect(html).toContain(
      '<pre tabindex="0" class="console"><code><b>$ berth plan</b>\nOptimal &lt;1&gt;</code></pre>',
    );
  });

  it('lets wide tables scroll, and leaves an empty head out', () => {
    const { html } = render('# T\n\n| | |\n|---|--:|\n| a | 1 |\n');
    expect(html).toContain('<div class="scroll" tabindex="0">');
    expect(html).not.toContain('<thead>');
    expect(html).toContain('<td class="number">1</td>');
  });
});

describe('resolvePath()', () => {
  it.each([
    ['docs/how-to/a.md', '../findings/b.md', 'docs/findings/b.md'],
    ['docs/a.md', 'b.md', 'docs/b.md'],
    ['docs/a.md', '../GLOSSARY.md', 'GLOSSARY.md'],
  ])('from %s, %s is %s', (from, href, path) => {
    expect(resolvePath(from, href)).toBe(path);
  });
});
