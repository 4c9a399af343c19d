import { useT } from '../i18n';
import { useTheme, type ThemeChoice } from './theme';

const next: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };
const sign: Record<ThemeChoice, string> = { system: '◐', light: '☀', dark: '☾' };

export function ThemeSwitch() {
  const t = useT();
  const { choice, setChoice } = useTheme();
  const label = t('shell.theme', { theme: t(`shell.theme.${choice}`) });
  return (
    <button type="button" className="quiet" onClick={() => setChoice(next[choice])} title={label} aria-label={label}>
      {sign[choice]}
    </button>
  );
}
