// What the browser keeps between visits, or with `session` as long as the tab lives; private windows may refuse, and then nothing is kept.
type Place = 'browser' | 'session';
const storage = (place: Place): Storage => (place === 'browser' ? localStorage : sessionStorage);

export function remembered(key: string, place: Place = 'browser'): string | null {
  try {
    return storage(place).getItem(`kmill.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null, place: Place = 'browser'): void {
  try {
    if (value === null) storage(place).removeItem(`kmill.${key}`);
    else storage(place).setItem(`kmill.${key}`, value);
  } catch {
    // Not kept: the page works without.
  }
}
