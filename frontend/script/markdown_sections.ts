// A Markdown file as the sections of a page: HTML, headings with the anchors GitHub gives them, Python in colours. Runs when the pages
// are built, so that no browser loads a parser.
import { pythonLanguage } from '@codemirror/lang-python';
import { classHighlighter, highlightTree } from '@lezer/highlight';
import { Marked, type Tokens } from 'marked';

export interface Heading {
  level: number;
  id: string;
  text: string;
}
/** A heading of level 2 with all under it; what comes before the first has the file's title. */
export interface Section {
  id: string;
  title: string;
  headings: Heading[]; // of level 3 and deeper
  html: string;
  text: string; // of all that can be read, for searching
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The anchor of a heading: lower case, spaces as -, everything else that is no word left out. */
export const anchor = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

function colouredPython(code: string): string {
  let html = '';
  let done = 0;
  highlightTree(pythonLanguage.parser.parse(code), classHighlighter, (from, to, classes) => {
    html += `${escaped(code.slice(done, from))}<span class="${classes}">${escaped(code.slice(from, to))}</span>`;
    done = to;
  });
  return html + escaped(code.slice(done));
}

function makeMarked(headings: Heading[]): Marked {
  return new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const id = anchor(text);
        const plain = text.replaceAll('`', '');
        headings.push({ level: depth, id, text: plain });
        const link = `<a class="docs-anchor" href="#${id}" aria-label="${escaped(plain)}">#</a>`;
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}${depth > 1 ? link : ''}</h${depth}>\n`;
      },
      code({ text, lang }: Tokens.Code) {
        return `<pre tabindex="0"><code>${lang === 'python' ? colouredPython(text) : escaped(text)}</code></pre>\n`;
      },
      table({ header, rows }: Tokens.Table) {
        const row = (cells: Tokens.TableCell[], tag: string) =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const head = header.some((cell) => cell.text !== '') ? `<thead>${row(header, 'th')}</thead>` : '';
        return `<div class="docs-table"><table>${head}<tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>\n`;
      },
    },
  });
}

/** The anchors of all headings, in their order. */
export const anchorsOf = (sections: readonly Section[]): string[] => sections.flatMap(({ id, headings }) => [id, ...headings.map((heading) => heading.id)]);

/** A translation under the anchors of its original, so that an address leads to the same place in every language. */
export function withAnchorsOf(original: readonly Section[], translation: readonly Section[]): Section[] {
  const anchors = anchorsOf(original);
  const own = anchorsOf(translation);
  if (own.length !== anchors.length) throw new Error(`the translation has ${own.length} headings, the original ${anchors.length}`);
  const shared = (id: string): string => anchors[own.indexOf(decodeURIComponent(id))] ?? id;
  return translation.map((section) => ({
    ...section,
    id: shared(section.id),
    headings: section.headings.map((heading) => ({ ...heading, id: shared(heading.id) })),
    html: section.html.replace(/( id="|href="#)([^"]*)"/g, (_, before: string, id: string) => `${before}${shared(id)}"`),
  }));
}

const readable = (html: string): string =>
  html
    .replace(/<a class="docs-anchor".*?<\/a>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();

export function markdownSections(markdown: string): Section[] {
  const parts = markdown.split(/^(?=## )/m);
  return parts.map((part) => {
    const headings: Heading[] = [];
    const html = makeMarked(headings).parse(part, { async: false });
    const [first] = headings;
    return { id: first?.id ?? '', title: first?.text ?? '', headings: headings.slice(1), html, text: readable(html) };
  });
}
