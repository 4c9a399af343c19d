import { useRef, type KeyboardEvent } from 'react';
import { useT } from '../../i18n';
import { VIEWS, type ViewName } from './sweep_filter';
import type { FilterPatch } from './use_sweep_filter';

interface Props {
  view: ViewName;
  change: (patch: FilterPatch) => void;
}

/** Tabs: the arrow keys go from one to the next. */
export function ViewTabs({ view, change }: Props) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = VIEWS.indexOf(view);
    const next = event.key === 'Home' ? 0 : event.key === 'End' ? VIEWS.length - 1 : step && (at + step + VIEWS.length) % VIEWS.length;
    if (next === undefined) return;
    event.preventDefault();
    change({ view: VIEWS[next]! });
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div className="sweep-tabs" role="tablist" aria-label={t('sweep.views')} ref={list} onKeyDown={onKeyDown}>
      {VIEWS.map((name) => (
        <button key={name} type="button" role="tab" aria-selected={name === view} tabIndex={name === view ? 0 : -1} onClick={() => change({ view: name })}>
          {t(`sweep.view.${name}`)}
        </button>
      ))}
    </div>
  );
}
