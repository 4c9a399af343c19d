// What the browser keeps between visits; private windows may refuse, and then nothing is kept.
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`kmill.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`kmill.${key}`);
    else localStorage.setItem(`kmill.${key}`, value);
  } catch {
    // Not kept: the page works without.
  }
}
