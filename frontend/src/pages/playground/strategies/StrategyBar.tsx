// Where the strategy comes from and where it is kept: templates, own ones, files.
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, data } from '../../../api/client';
import { useT } from '../../../i18n';
import { detectParameters } from '../config/parameters';
import { downloadText, fileName, readStrategyFile } from './file_access';
import { isChanged } from './library';
import { LibraryDialog } from './LibraryDialog';
import { NameDialog } from './NameDialog';
import type { Workspace } from './use_workspace';

export const useTemplates = () => useQuery({ queryKey: ['strategies'], queryFn: () => data(api.GET('/api/v1/strategies')), staleTime: Infinity });

interface Props {
  workspace: Workspace;
  saving: boolean; // the dialog that asks for a name is open
  setSaving: (open: boolean) => void;
  onSave: () => void;
  onBadFile: (name: string) => void;
}

/** A file of the computer in the draft's place. */
export async function openFile(file: File, workspace: Workspace, onBadFile: (name: string) => void): Promise<void> {
  const source = await readStrategyFile(file);
  if (source === null) return onBadFile(file.name);
  workspace.replace({ source, name: file.name.replace(/\.py$/, ''), base: '', config: { ...workspace.draft.config, parameters: detectParameters(source) } });
}

export function StrategyBar({ workspace, saving, setSaving, onSave, onBadFile }: Props) {
  const t = useT();
  const { draft, list } = workspace;
  const templates = useTemplates();
  const [listing, setListing] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const changed = isChanged(draft);
  const openTemplate = (file: string) => {
    const found = templates.data?.strategies.find((item) => item.file === file);
    if (found) workspace.replace({ source: found.source, config: { ...draft.config, parameters: detectParameters(found.source) } });
  };
  return (
    <div className="playground-bar">
      <span className="playground-title" title={changed ? t('playground.unsaved') : undefined}>
        {draft.name || t('playground.unnamed')}
        {changed && workspace.keeps && <span className="soft"> · {t('playground.draft.kept')}</span>}
      </span>
      <select aria-label={t('playground.templates')} value="" onChange={(event) => openTemplate(event.target.value)} disabled={!templates.data?.strategies.length}>
        <option value="">{t('playground.templates')}</option>
        {templates.data?.strategies.map((item) => (
          <option key={item.file} value={item.file}>
            {item.name}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => setListing(true)}>
        {t('playground.own')} ({list.length})
      </button>
      <button type="button" onClick={onSave} title={t('playground.save.hint')}>
        {t('playground.save')}
      </button>
      <button type="button" onClick={() => setSaving(true)}>
        {t('playground.save_as')}
      </button>
      <button type="button" onClick={() => picker.current?.click()}>
        {t('playground.file.open')}
      </button>
      <button type="button" onClick={() => downloadText(fileName(draft.name), draft.source)}>
        {t('playground.file.save')}
      </button>
      <input
        ref={picker}
        type="file"
        accept=".py,text/x-python,text/plain"
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) void openFile(file, workspace, onBadFile);
          event.target.value = '';
        }}
      />
      {listing && (
        <LibraryDialog
          list={list}
          current={draft.name}
          onOpen={(item) => {
            workspace.replace({ source: item.source, name: item.name, config: item.config });
            setListing(false);
          }}
          onRename={workspace.rename}
          onDelete={workspace.remove}
          onClose={() => setListing(false)}
        />
      )}
      {saving && (
        <NameDialog
          title={t('playground.save_as')}
          name={draft.name}
          action={t('playground.save')}
          problem={(name) => (name !== draft.name && list.some((item) => item.name === name) ? t('playground.name.taken') : null)}
          onDone={(name) => {
            workspace.save(name);
            setSaving(false);
          }}
          onClose={() => setSaving(false)}
        />
      )}
    </div>
  );
}
