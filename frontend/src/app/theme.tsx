// Light, dark, or whatever the system says. Charts ask for the colours of the present theme by useTheme().
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { remember } from './remember';
import { darkSystem, keptChoice, showTheme, themeOf, type Theme, type ThemeChoice } from './theme_choice';

export type { Theme, ThemeChoice } from './theme_choice';

interface ThemeState {
  choice: ThemeChoice;
  theme: Theme;
  setChoice: (choice: ThemeChoice) => void;
}
const Context = createContext<ThemeState>({ choice: 'system', theme: 'light', setChoice: () => undefined });

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(keptChoice);
  const [systemDark, setSystemDark] = useState(() => darkSystem().matches);
  useEffect(() => {
    const media = darkSystem();
    const changed = () => setSystemDark(media.matches);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, []);
  const theme = themeOf(choice, systemDark);
  showTheme(theme); // before the children paint: their charts read the colours
  const value = useMemo(
    () => ({
      choice,
      theme,
      setChoice: (next: ThemeChoice) => {
        remember('theme', next === 'system' ? null : next);
        setChoice(next);
      },
    }),
    [choice, theme],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export const useTheme = (): ThemeState => useContext(Context);

/** A token of styles/tokens.css as it is now, for canvases: themeColor('--accent'). */
export const themeColor = (token: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(token).trim();
