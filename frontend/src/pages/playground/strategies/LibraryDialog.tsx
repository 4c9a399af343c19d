// The strategies kept in this browser: open, rename, delete.
import { useState } from 'react';
import { useT } from '../../../i18n';
import { time } from '../../../parts/format';
import { Modal } from '../../../parts/Modal';
import type { SavedStrategy } from './library';
import { NameDialog } from './NameDialog';

interface Props {
  list: readonly SavedStrategy[];
  current: string;
  onOpen: (strategy: SavedStrategy) => void;
  onRename: (name: string, next: string) => boolean;
  onDelete: (name: string) => void;
  onClose: () => void;
}

export function LibraryDialog({ list, current, onOpen, onRename, onDelete, onClose }: Props) {
  const t = useT();
  const [renaming, setRenaming] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<string | null>(null);
  if (renaming !== null)
    return (
      <NameDialog
        title={t('playground.rename')}
        name={renaming}
        action={t('playground.rename')}
        problem={(name) => (name !== renaming && list.some((item) => item.name === name) ? t('playground.name.taken') : null)}
        onDone={(name) => {
          if (name !== renaming) onRename(renaming, name);
          setRenaming(null);
        }}
        onClose={() => setRenaming(null)}
      />
    );
  return (
    <Modal title={t('playground.own')} onClose={onClose}>
      {list.length === 0 && <p className="soft">{t('playground.own.none')}</p>}
      <ul className="playground-own">
        {list.map((item) => (
          <li key={item.name}>
            <button type="button" className="quiet playground-own-name" onClick={() => onOpen(item)} aria-current={item.name === current ? 'true' : undefined}>
              <span>{item.name}</span>
              <small className="soft">
                {time(item.savedAt)} UTC{item.automatic && ` · ${t('playground.own.automatic')}`}
              </small>
            </button>
            {deleting === item.name ? (
              <>
                <button type="button" className="danger" autoFocus onClick={() => (onDelete(item.name), setDeleting(null))}>
                  {t('playground.delete.sure')}
                </button>
                <button type="button" onClick={() => setDeleting(null)}>
                  {t('action.cancel')}
                </button>
              </>
            ) : (
              <>
                <button type="button" aria-label={`${t('playground.rename')}: ${item.name}`} onClick={() => setRenaming(item.name)}>
                  {t('playground.rename')}
                </button>
                <button type="button" className="danger" aria-label={`${t('playground.delete')}: ${item.name}`} onClick={() => setDeleting(item.name)}>
                  {t('playground.delete')}
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      <p className="soft">{t('playground.own.where')}</p>
    </Modal>
  );
}
