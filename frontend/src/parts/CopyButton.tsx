import { useEffect, useState } from 'react';
import { useT } from '../i18n';

/** Copies text; where the clipboard is refused (plain http), a selected text field is copied the old way. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useT();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button type="button" onClick={() => void copy(text).then(() => setDone(true))} aria-live="polite">
      {done ? t('action.copied') : (label ?? t('action.copy'))}
    </button>
  );
}
