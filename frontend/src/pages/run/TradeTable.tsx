// The trades of a run, however many: rows in view only, read page by page. A click or Enter on a trade brings the chart to it.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type KeyboardEvent } from 'react';
import { errorText } from '../../api/client';
import { priceText } from '../../charts/candles/price_text';
import { useT } from '../../i18n';
import { count, fixed, missing, signClass, significant, time } from '../../parts/format';
import { useTradePages, type Trade } from './use_trade_pages';
import type { RunDetail } from './use_run';

const ROW = 29;
const STEP: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

interface Props {
  id: string;
  run: RunDetail;
  goTo: (time: number) => void;
}

function Cells({ number, trade }: { number: number; trade: Trade | undefined }) {
  const t = useT();
  if (!trade) return <td colSpan={9} className="soft">{`${count(number + 1)} …`}</td>;
  return (
    <>
      <td className="number soft">{count(number + 1)}</td>
      <td title={trade.timestamp}>{time(trade.time ?? trade.timestamp)}</td>
      <td className={trade.type === 'buy' ? 'up' : 'down'}>{t(`chart.${trade.type}`)}</td>
      <td className="number">{priceText(trade.price)}</td>
      <td className="number">{significant(trade.amount, 6)}</td>
      <td className={`number ${signClass(trade.profit)}`}>{trade.type === 'sell' ? fixed(trade.profit, 2) : missing}</td>
      <td className="number">{fixed(trade.totalValue, 2)}</td>
      <td className="number">{fixed(trade.balance, 2)}</td>
      <td className="number">{significant(trade.position, 6)}</td>
      <td className="number">{fixed(trade.fee, 2)}</td>
    </>
  );
}

const COLUMNS = ['run.trade.time', 'run.trade.side', 'run.trade.price', 'run.trade.amount', 'run.trade.profit', 'run.trade.total', 'run.trade.balance', 'run.trade.position', 'run.trade.fee'] as const;

function Rows({ id, run, goTo }: Props) {
  const t = useT();
  const total = run.trades_kept;
  const frame = useRef<HTMLDivElement>(null);
  const [chosen, choose] = useState(0);
  const rows = useVirtualizer({ count: total, getScrollElement: () => frame.current, estimateSize: () => ROW, overscan: 12, scrollPaddingStart: ROW });
  const shown = rows.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const { at, error } = useTradePages(id, run.run, first, shown.at(-1)?.index ?? 0);

  const open = (i: number) => {
    const when = at(i)?.time;
    if (when) goTo(Date.parse(when));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEP[event.key];
    if (event.key === 'Enter' || event.key === ' ') open(chosen);
    else if (step !== undefined) {
      const next = Math.max(0, Math.min(total - 1, chosen + step));
      choose(next);
      rows.scrollToIndex(next);
    } else return;
    event.preventDefault();
  };

  return (
    <>
      {error !== undefined && error !== null && <p className="down" role="alert">{errorText(error)}</p>}
      <div ref={frame} className="run-trades" tabIndex={0} role="application" aria-label={t('run.trades.label')} aria-activedescendant={`trade-${chosen}`} onKeyDown={onKeyDown}>
        <table aria-rowcount={total + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" className="number">
                #
              </th>
              {COLUMNS.map((key, i) => (
                <th key={key} scope="col" className={i < 2 ? undefined : 'number'}>
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr aria-hidden="true" className="run-spacer" style={{ height: shown[0]?.start ?? 0 }} />
            {shown.map(({ index }) => (
              <tr
                key={index}
                id={`trade-${index}`}
                aria-rowindex={index + 2}
                aria-selected={index === chosen}
                style={{ height: ROW }}
                onClick={() => {
                  choose(index);
                  open(index);
                }}
              >
                <Cells number={index} trade={at(index)} />
              </tr>
            ))}
            <tr aria-hidden="true" className="run-spacer" style={{ height: rows.getTotalSize() - (shown.at(-1)?.end ?? 0) }} />
          </tbody>
        </table>
      </div>
    </>
  );
}

export function TradeTable({ id, run, goTo }: Props) {
  const t = useT();
  const { trade_count: made, trades_kept: kept } = run;
  const refused = run.status === 'done' ? (run.metrics.refusedOrders ?? 0) : 0;
  return (
    <section className="stack run-trades-section">
      <div className="row spread">
        <h2>
          {t('run.trades')} <span className="soft run-unit">{count(made)}</span>
        </h2>
        {kept > 0 && <span className="soft run-hint">{t('run.trades.hint')}</span>}
      </div>
      {made > kept && <p className="soft">{t(kept > 0 ? 'run.trades.some_kept' : 'run.trades.not_kept', { made: count(made), kept: count(kept) })}</p>}
      {made === 0 && <p className="soft">{refused > 0 ? t('run.trades.refused', { count: count(refused) }) : t(run.status === 'done' ? 'run.trades.none' : 'run.trades.unfinished')}</p>}
      {kept > 0 && <Rows id={id} run={run} goTo={goTo} />}
    </section>
  );
}
