import { useEffect, type RefObject } from 'react';
import { wordRanges } from './docs_search';

const NAME = 'docs-found';

/** Marks the words of a search where they stand, and again in another text, in browsers that can do that without changing the page. */
export function useMarkedWords(root: RefObject<Node | null>, words: readonly string[], text: unknown): void {
  useEffect(() => {
    if (!('highlights' in CSS) || !root.current || words.length === 0) return;
    CSS.highlights.set(NAME, new Highlight(...wordRanges(root.current, words)));
    return () => void CSS.highlights.delete(NAME);
  }, [root, words, text]);
}
