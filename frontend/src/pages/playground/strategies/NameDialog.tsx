import { useState } from 'react';
import { useT } from '../../../i18n';
import { Modal } from '../../../parts/Modal';

interface Props {
  title: string;
  name: string;
  action: string;
  problem: (name: string) => string | null; // what is wrong with a name; null: nothing
  onDone: (name: string) => void;
  onClose: () => void;
}

export function NameDialog({ title, name, action, problem, onDone, onClose }: Props) {
  const t = useT();
  const [text, setText] = useState(name);
  const said = text.trim() ? problem(text.trim()) : null;
  return (
    <Modal title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() && !said) onDone(text.trim());
        }}
      >
        <label className="field">
          {t('playground.name')}
          <input data-autofocus value={text} maxLength={100} onFocus={(event) => event.target.select()} onChange={(event) => setText(event.target.value)} />
        </label>
        {said && <p className="playground-problem">{said}</p>}
        <div className="row modal-end">
          <button type="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="submit" className="primary" disabled={!text.trim() || said !== null}>
            {action}
          </button>
        </div>
      </form>
    </Modal>
  );
}
