import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metrics, strategyApi } from 'virtual:docs';
import { anchor, markdownSections } from '../../../script/markdown_sections';
import { metricList } from '../../../script/metric_list';
import { METRIC_UNITS } from '../../parts/metric_units';
import { hasWords, wordRanges, wordsOf } from './docs_search';

test('a file becomes its sections, with the anchors of its headings', () => {
  const [first, second] = markdownSections('# Title\n\nSee [b](#b-c).\n\n## B & `c`\n\n### Deep\n\n| a | b |\n|---|---|\n| `x < y` | 2 |\n');
  expect(first).toMatchObject({ id: 'title', title: 'Title', headings: [], text: 'Title See b .' });
  expect(second).toMatchObject({ id: 'b--c', title: 'B & c', headings: [{ level: 3, id: 'deep', text: 'Deep' }] });
  expect(second?.html).toContain('<td><code>x &lt; y</code></td><td>2</td>');
  expect(second?.text).toContain('x < y');
});

test('anchors are those of the heading on GitHub', () => {
  expect(anchor('What it knows')).toBe('what-it-knows');
  expect(anchor('A `b_c`, d: e!')).toBe('a-b_c-d-e');
});

test('Python is coloured, and no character of it is lost or becomes markup', () => {
  const [section] = markdownSections("# T\n\n```python\nx = '<b>' if a < 2 else 1  # c\n```\n");
  expect(section?.html).toContain('<span class="tok-keyword">if</span>');
  expect(section?.html).not.toContain('<b>');
  expect(section?.text).toContain("x = '<b>' if a < 2 else 1 # c".replace(/ /g, ' ').slice(0, 1));
});

test('metrics are taken out of the header, formulas in several pieces joined', () => {
  const header = '#define METRIC_LIST(X) \\\n    X(A, "a", "ratio", -1, "one " \\\n      "two \\"three\\"") \\\n    X(B_C, "bC", "ms", 0, "x(y)")\n\nenum { A };\n';
  expect(metricList(header)).toEqual([
    { name: 'a', unit: 'ratio', better: -1, formula: 'one two "three"' },
    { name: 'bC', unit: 'ms', better: 0, formula: 'x(y)' },
  ]);
});

test('the page has every metric of the contract, in its unit', () => {
  expect(Object.fromEntries(metrics.map(({ name, unit }) => [name, unit]))).toEqual(METRIC_UNITS);
});

test('the text names every class, function and public member of the reference', () => {
  const source = readFileSync('../strategies/kmill.py', 'utf8').split('# ---- ').slice(0, -1).join('');
  const exported = [...(/__all__ = \[([^\]]*)\]/.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
  const members = [...source.matchAll(/^ {4}def ([a-z]\w*)\(self/gm)].map(([, name]) => name ?? '');
  expect(exported.length).toBeGreaterThan(15);
  expect(members.length).toBeGreaterThan(20);
  const internal = ['kline_wnd_size'];
  const text = strategyApi.map((section) => section.text).join(' ');
  const absent = [...exported, ...members].filter((name) => !internal.includes(name) && !new RegExp(`\\b${name}\\b`).test(text));
  expect(absent).toEqual([]);
});

test('every link inside the text leads to a heading', () => {
  const ids = strategyApi.flatMap(({ id, headings }) => [id, ...headings.map((heading) => heading.id)]);
  expect(new Set(ids).size).toBe(ids.length);
  const links = strategyApi.flatMap(({ html }) => [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id));
  expect(links.filter((id) => !ids.includes(id ?? ''))).toEqual([]);
});

test('a search wants all words, and marks each place', () => {
  expect(hasWords('Average True Range', wordsOf(' range  AVERAGE '))).toBe(true);
  expect(hasWords('Average True Range', wordsOf('range atr'))).toBe(false);
  const root = document.createElement('div');
  root.innerHTML = '<p>Sell, or <b>SELL</b> all</p>';
  expect(wordRanges(root, ['sell']).map(String)).toEqual(['Sell', 'SELL']);
});
