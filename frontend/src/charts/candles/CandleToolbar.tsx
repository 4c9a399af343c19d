import { useState } from 'react';
import { useT, type Key } from '../../i18n';
import { time } from '../../parts/format';
import { useCell, type Cell } from './cell';
import type { CandleView, ViewState } from './candle_view';
import type { TimeRange } from './candle_source';

const DAY = 86_400_000;
const spans: readonly (readonly [Key, number])[] = [
  ['chart.span.day', DAY],
  ['chart.span.week', 7 * DAY],
  ['chart.span.month', 30 * DAY],
  ['chart.span.year', 365 * DAY],
];

interface Props {
  view: CandleView | undefined;
  state: Cell<ViewState | undefined>;
  bounds: TimeRange;
  buyHold: { shown: boolean; change: (shown: boolean) => void } | undefined;
}

function GoTo({ view, bounds }: Pick<Props, 'view' | 'bounds'>) {
  const t = useT();
  const [text, setText] = useState('');
  const local = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  const target = Date.parse(`${text}Z`);
  return (
    <form
      className="candles-goto"
      onSubmit={(event) => {
        event.preventDefault();
        if (!Number.isNaN(target)) view?.goTo(Math.max(bounds.from, Math.min(bounds.to - 1, target)));
      }}
    >
      <input type="datetime-local" aria-label={t('chart.goto.label')} min={local(bounds.from)} max={local(bounds.to - 1)} value={text} onChange={(event) => setText(event.target.value)} />
      <button type="submit" disabled={Number.isNaN(target)}>
        {t('chart.goto')}
      </button>
    </form>
  );
}

function Seen({ state }: { state: Cell<ViewState | undefined> }) {
  const t = useT();
  const now = useCell(state);
  if (!now) return <span className="candles-seen soft" />;
  return (
    <span className="candles-seen soft">
      {time(Math.round(now.view.from / 60_000) * 60_000)} – {time(Math.round(now.view.to / 60_000) * 60_000)} UTC
      {now.crowded > 0 && ` · ${t('chart.crowded', { n: now.crowded })}`}
    </span>
  );
}

export function CandleToolbar({ view, state, bounds, buyHold }: Props) {
  const t = useT();
  const show = (span: number) => {
    if (!view) return;
    const middle = (view.range.from + view.range.to) / 2;
    view.show({ from: middle - span / 2, to: middle + span / 2 });
  };
  return (
    <div className="candles-toolbar">
      <div className="candles-spans" role="group" aria-label={t('chart.span')}>
        {spans.map(([key, span]) => (
          <button key={key} type="button" className="quiet" disabled={span > bounds.to - bounds.from} onClick={() => show(span)}>
            {t(key)}
          </button>
        ))}
        <button type="button" className="quiet" onClick={() => view?.fit()}>
          {t('chart.span.all')}
        </button>
        <button type="button" className="quiet" aria-label={t('chart.zoom_in')} title={t('chart.zoom_in')} onClick={() => view?.zoom(1 / 1.6)}>
          +
        </button>
        <button type="button" className="quiet" aria-label={t('chart.zoom_out')} title={t('chart.zoom_out')} onClick={() => view?.zoom(1.6)}>
          −
        </button>
      </div>
      {buyHold && (
        <label className="candles-check">
          <input type="checkbox" checked={buyHold.shown} onChange={(event) => buyHold.change(event.target.checked)} /> {t('chart.buy_hold')}
        </label>
      )}
      <Seen state={state} />
      <GoTo view={view} bounds={bounds} />
    </div>
  );
}
