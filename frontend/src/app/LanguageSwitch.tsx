import { useI18n, type Language } from '../i18n';

export function LanguageSwitch() {
  const { language, setLanguage, t } = useI18n();
  return (
    <select aria-label={t('shell.language')} value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
      <option value="en">English</option>
      <option value="zh">中文</option>
    </select>
  );
}
