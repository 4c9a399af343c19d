import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metrics } from 'virtual:docs';
import { strategyApi } from 'virtual:docs/en';
import { strategyApi as chineseApi } from 'virtual:docs/zh';
import { anchor, anchorsOf, markdownSections, withAnchorsOf } from '../../../script/markdown_sections';
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
  for (const sections of [strategyApi, chineseApi]) {
    const text = sections.map((section) => section.text).join(' ');
    expect([...exported, ...members].filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  }
});

test('every link inside the text leads to a heading', () => {
  const ids = anchorsOf(strategyApi);
  expect(new Set(ids).size).toBe(ids.length);
  for (const sections of [strategyApi, chineseApi]) {
    const links = sections.flatMap(({ html }) => [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id));
    expect(links.length).toBeGreaterThan(ids.length);
    expect(links.filter((id) => !ids.includes(id ?? ''))).toEqual([]);
  }
});

test('a translation has the anchors of its original, in headings, contents and links', () => {
  const original = markdownSections('# T\n\n## Way in\n\n### Deep\n');
  const [first, second] = withAnchorsOf(original, markdownSections('# 题\n\n见[深处](#深处)和[别处](https://a.example/#x)。\n\n## 入口\n\n### 深处\n'));
  expect(first).toMatchObject({ id: 't', title: '题' });
  expect(first?.html).toContain('<h1 id="t">');
  expect(first?.html).toContain('<a href="#deep">深处</a>和<a href="https://a.example/#x">');
  expect(second).toMatchObject({ id: 'way-in', title: '入口', headings: [{ id: 'deep', text: '深处' }] });
  expect(second?.html).toMatch(/<h3 id="deep">深处<a class="docs-anchor" href="#deep"/);
  expect(() => withAnchorsOf(original, markdownSections('# 题\n'))).toThrow('1 headings, the original 3');
});

test('the Chinese text has the anchors, the code and the tables of the English one', () => {
  expect(anchorsOf(chineseApi)).toEqual(anchorsOf(strategyApi));
  const parts = (html: string) => [...html.matchAll(/<pre[\s\S]*?<\/pre>|<tr>|<li>/g)].map(([part]) => part);
  expect(chineseApi.map(({ html }) => parts(html))).toEqual(strategyApi.map(({ html }) => parts(html)));
});

test('a search wants all words, and marks each place', () => {
  expect(hasWords('Average True Range', wordsOf(' range  AVERAGE '))).toBe(true);
  expect(hasWords('Average True Range', wordsOf('range atr'))).toBe(false);
  const root = document.createElement('div');
  root.innerHTML = '<p>Sell, or <b>SELL</b> all</p>';
  expect(wordRanges(root, ['sell']).map(String)).toEqual(['Sell', 'SELL']);
});
