// Which theme is shown: the one that was chosen, or the system's. Set before anything is drawn (first_load.ts), so that no dark page begins white.
import { remembered } from './remember';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type Theme = 'light' | 'dark';

export const darkSystem = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

export function keptChoice(): ThemeChoice {
  const kept = remembered('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
export const themeOf = (choice: ThemeChoice, isSystemDark: boolean): Theme => (choice === 'system' ? (isSystemDark ? 'dark' : 'light') : choice);

export function showTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}
