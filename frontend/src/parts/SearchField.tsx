// The search of a list: its words stand in the page's address.
import './search_field.css';

/** The text has every word of the search, in any case. */
export const hasWords = (text: string, search: string): boolean => search.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));

export function SearchField({ label, value, change }: { label: string; value: string; change: (value: string) => void }) {
  return <input type="search" className="search-field" value={value} placeholder={label} aria-label={label} onChange={(event) => change(event.target.value)} />;
}
