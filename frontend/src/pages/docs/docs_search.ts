// Finding words on the page: which sections have them all, and where they stand, for marking.
import type { Metric } from '../../../script/metric_list';
import type { Translate } from '../../i18n';

export const wordsOf = (search: string): string[] => search.toLowerCase().split(/\s+/).filter(Boolean);

export function hasWords(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

/** All of a metric that a search can find. */
export const metricText = (t: Translate, { name, unit, formula }: Metric): string => `${name} ${t(`metric.${name}`)} ${unit} ${formula}`;

/** Every place of a word in the texts of an element. */
export function wordRanges(root: Node, words: readonly string[]): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = (node.nodeValue ?? '').toLowerCase();
    for (const word of words)
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
  }
  return ranges;
}
