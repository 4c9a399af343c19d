// The trades of the result; only the rows in view are made. Enter or a click shows one in the chart, arrows move.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type KeyboardEvent } from 'react';
import { useT } from '../../../i18n';
import { count, fixed, signClass, significant, time } from '../../../parts/format';
import type { Trade } from '../engine/job';
import { tradeTime } from './result_facts';

const ROW = 30;
const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

export function TradeList({ trades, refused, onShow }: { trades: readonly Trade[]; refused: number; onShow: (time: number) => void }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(-1);
  const rows = useVirtualizer({ count: trades.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 10 });
  const choose = (index: number) => {
    const trade = trades[index];
    if (!trade) return;
    setChosen(index);
    rows.scrollToIndex(index);
    const at = tradeTime(trade);
    if (!Number.isNaN(at)) onShow(at);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key] ?? (event.key === 'Home' ? -trades.length : event.key === 'End' ? trades.length : 0);
    if (!step) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(trades.length - 1, chosen + step)));
  };
  const items = rows.getVirtualItems();
  return (
    <section className="playground-trades" aria-label={t('playground.trades')}>
      <h2>
        {t('playground.trades')} <span className="soft">{count(trades.length)}</span>
      </h2>
      {trades.length === 0 ? (
        <p className="soft">{refused > 0 ? t('run.trades.refused', { count: count(refused) }) : t('playground.trades.none')}</p>
      ) : (
        <div className="playground-trades-box" ref={box} tabIndex={0} onKeyDown={onKeyDown} role="group" aria-label={t('playground.trades.hint')}>
          <table aria-rowcount={trades.length + 1}>
            <thead>
              <tr>
                <th>{t('playground.trade.time')}</th>
                <th>{t('playground.trade.side')}</th>
                <th className="number">{t('playground.trade.price')}</th>
                <th className="number">{t('playground.trade.amount')}</th>
                <th className="number">{t('playground.trade.profit')}</th>
                <th className="number">{t('playground.trade.fee')}</th>
                <th className="number">{t('playground.trade.balance')}</th>
              </tr>
            </thead>
            <tbody>
              {(items[0]?.start ?? 0) > 0 && <tr aria-hidden="true" style={{ height: items[0]?.start }} />}
              {items.map(({ index }) => {
                const trade = trades[index];
                if (!trade) return null;
                return (
                  <tr key={index} style={{ height: ROW }} aria-rowindex={index + 2} data-trade={index} aria-current={index === chosen ? 'true' : undefined} onClick={() => choose(index)}>
                    <td>{time(trade.timestamp)}</td>
                    <td className={trade.type === 'buy' ? 'up' : 'down'}>{t(`playground.side.${trade.type}`)}</td>
                    <td className="number">{significant(trade.price, 8)}</td>
                    <td className="number">{significant(trade.amount, 6)}</td>
                    <td className={`number ${signClass(trade.profit)}`}>{trade.type === 'sell' ? fixed(trade.profit, 2) : ''}</td>
                    <td className="number">{fixed(trade.fee, 2)}</td>
                    <td className="number">{fixed(trade.balance, 2)}</td>
                  </tr>
                );
              })}
              {items.length > 0 && <tr aria-hidden="true" style={{ height: rows.getTotalSize() - (items.at(-1)?.end ?? 0) }} />}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
