// A text field whose value counts shortly after the last key, at once on Enter or when it is left; Escape takes back what was typed.
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';

const WAIT_MS = 450;

interface Props {
  value: string;
  check: (text: string) => boolean; // false: marked, and not committed
  commit: (text: string) => void;
  label: string;
  placeholder?: string | undefined;
  className?: string | undefined;
  invalid?: boolean; // the server did not take it
  describedBy?: string | undefined;
}

export function DraftInput({ value, check, commit, label, placeholder, className, invalid = false, describedBy }: Props) {
  const [draft, setDraft] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const typed = useRef(false);
  // The value was changed elsewhere (a chip, a brush, the back button): it is shown unless something is being typed.
  useEffect(() => {
    if (!typed.current) setDraft(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const settle = (text: string): void => {
    clearTimeout(timer.current);
    typed.current = false;
    if (check(text) && text.trim() !== value.trim()) commit(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') settle(draft);
    else if (event.key === 'Escape') {
      clearTimeout(timer.current);
      typed.current = false;
      setDraft(value);
    }
  };
  return (
    <input
      value={draft}
      placeholder={placeholder}
      aria-label={label}
      aria-invalid={invalid || !check(draft)}
      aria-describedby={describedBy}
      className={className}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => {
        const text = event.target.value;
        setDraft(text);
        typed.current = true;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => settle(text), WAIT_MS);
      }}
      onBlur={() => settle(draft)}
      onKeyDown={onKeyDown}
    />
  );
}
