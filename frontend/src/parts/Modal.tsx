import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { useT } from '../i18n';
import './modal.css';

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

/**
 * A modal dialog of the browser's own: it keeps the focus inside, and Escape closes it. The focus begins at [data-autofocus], and
 * returns to where it was. Keys stay in it: the page below does not hear them.
 */
export function Modal({ title, onClose, wide, children }: Props) {
  const t = useT();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it is taken out of the page: only a dialog that is closed while it is there gives the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    shown?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      className={wide ? 'modal wide' : 'modal'}
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => (event.preventDefault(), onClose())}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
      onKeyDown={(event) => event.stopPropagation()}
    >
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
