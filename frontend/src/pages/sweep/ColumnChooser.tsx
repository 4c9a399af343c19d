import { useEffect, useId, useRef, useState } from 'react';
import type { Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { allColumns, columnOf, constantColumns, toggledColumn, type RunColumn } from './run_columns';
import type { SweepFilterState } from './use_sweep_filter';

interface Props {
  detail: Schemas['SweepDetail'] | undefined;
  columns: readonly string[]; // those shown now
  filter: SweepFilterState;
}

const GROUPS = ['run', 'parameter', 'metric'] as const;

/** Which columns the table has: a list to search and tick. Escape or a click elsewhere closes it. */
export function ColumnChooser({ detail, columns, filter }: Props) {
  const t = useT();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [isOpen]);
  return (
    <div
      className="chooser"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button ref={button} type="button" aria-expanded={isOpen} aria-controls={id} disabled={!detail || columns.length === 0} onClick={() => setOpen(!isOpen)}>
        {t('sweep.columns')} <span className="soft">{columns.length || ''}</span>
      </button>
      {isOpen && detail && (
        <div id={id} className="chooser-panel" role="dialog" aria-label={t('sweep.columns')}>
          <ChooserPanel detail={detail} columns={columns} filter={filter} />
        </div>
      )}
    </div>
  );
}

function ChooserPanel({ detail, columns, filter: { filter, change } }: Props & { detail: Schemas['SweepDetail'] }) {
  const t = useT();
  const [search, setSearch] = useState('');
  const all = allColumns(detail);
  const constant = constantColumns(detail);
  const chosen = filter.columns ?? columns.filter((name) => name !== 'run' && name !== 'status');
  const wanted = search.trim().toLowerCase();
  const items = all.filter((name) => name !== 'run' && name !== 'status' && name.toLowerCase().includes(wanted)).map((name) => columnOf(name, detail));
  const item = (column: RunColumn) => {
    const isHidden = constant.has(column.name) && !filter.showConstant;
    return (
      <label key={column.name} className={isHidden ? 'chooser-item soft' : 'chooser-item'} title={column.hint}>
        <input type="checkbox" checked={chosen.includes(column.name)} onChange={() => change({ columns: toggledColumn(chosen, column.name, all) }, { replace: true })} />
        <span className="chooser-name">{column.name}</span>
        {isHidden && <span className="soft">{t('sweep.columns.constant')}</span>}
      </label>
    );
  };
  return (
    <>
      <input type="search" autoFocus value={search} placeholder={t('sweep.columns.search')} aria-label={t('sweep.columns.search')} onChange={(event) => setSearch(event.target.value)} />
      <label className="chooser-item">
        <input type="checkbox" checked={!filter.showConstant} onChange={() => change({ showConstant: !filter.showConstant }, { replace: true })} />
        <span>{t('sweep.columns.hide_constant')}</span>
      </label>
      <div className="chooser-list">
        {GROUPS.map((group) => {
          const members = items.filter((column) => column.group === group);
          return (
            members.length > 0 && (
              <fieldset key={group}>
                <legend>{t(`sweep.columns.${group}`)}</legend>
                {members.map(item)}
              </fieldset>
            )
          );
        })}
        {items.length === 0 && <p className="soft">{t('sweep.columns.none')}</p>}
      </div>
      <button type="button" disabled={filter.columns === null} onClick={() => change({ columns: null }, { replace: true })}>
        {t('sweep.columns.usual')}
      </button>
    </>
  );
}
