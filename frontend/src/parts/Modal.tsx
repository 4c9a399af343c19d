import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useT } from '../i18n';
import './modal.css';

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

/** A modal dialog of the browser's own: it keeps the focus inside, and Escape closes it. */
export function Modal({ title, onClose, wide, children }: Props) {
  const t = useT();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog className={wide ? 'modal wide' : 'modal'} ref={dialog} aria-labelledby={id} onCancel={(event) => (event.preventDefault(), onClose())} onMouseDown={(event) => event.target === dialog.current && onClose()}>
      <div className="modal-inside">
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" className="quiet" aria-label={t('action.close')} onClick={onClose}>
            ×
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
