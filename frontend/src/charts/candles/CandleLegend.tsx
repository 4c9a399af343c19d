import { useT } from '../../i18n';
import { count, fixed, percent, significant, signClass, time } from '../../parts/format';
import { useCell, type Cell } from './cell';
import type { BarFacts } from './candle_view';
import type { ChartTrade } from './candle_source';
import { priceText } from './price_text';

const TRADES_SHOWN = 3;

export interface Legend {
  facts: BarFacts | undefined;
  byKey: boolean; // moved by the keyboard: read out
}

function Figure({ name, children, tone }: { name: string; children: string; tone?: string }) {
  return (
    <span className="candles-figure">
      <span className="soft">{name}</span> <span className={tone}>{children}</span>
    </span>
  );
}

function Trades({ trades }: { trades: readonly ChartTrade[] }) {
  const t = useT();
  return (
    <>
      {trades.slice(0, TRADES_SHOWN).map((trade, i) => (
        <span key={i} className={`candles-figure ${trade.side === 'buy' ? 'up' : 'down'}`}>
          {t(`chart.${trade.side}`)} {significant(trade.amount, 6)} @ {priceText(trade.price)}
          {trade.profit !== null && ` (${fixed(trade.profit, 2)})`}
        </span>
      ))}
      {trades.length > TRADES_SHOWN && <span className="soft">{t('chart.more_trades', { n: trades.length - TRADES_SHOWN })}</span>}
    </>
  );
}

/** The figures of the bar under the crosshair, else of the last one in view. Its height does not change. */
export function CandleLegend({ cell, curve, buyHold, trades }: { cell: Cell<Legend>; curve: boolean; buyHold: boolean; trades: boolean }) {
  const t = useT();
  const { facts, byKey } = useCell(cell);
  const className = trades ? 'candles-legend candles-legend-trades' : 'candles-legend';
  if (!facts) return <div className={className} />;
  const { bar, klines, equity, drawdown } = facts;
  const change = bar.close / bar.open - 1;
  return (
    <div className={className} aria-live={byKey ? 'polite' : 'off'}>
      <strong>{time(bar.openTime)}</strong>
      {klines > 1 && <span className="soft">{t('chart.klines_each', { n: count(klines) })}</span>}
      <Figure name={t('chart.open')}>{priceText(bar.open)}</Figure>
      <Figure name={t('chart.high')}>{priceText(bar.high)}</Figure>
      <Figure name={t('chart.low')}>{priceText(bar.low)}</Figure>
      <Figure name={t('chart.close')}>{priceText(bar.close)}</Figure>
      <Figure name="" tone={signClass(change)}>{`${change > 0 ? '+' : ''}${percent(change)}`}</Figure>
      <Figure name={t('chart.volume')}>{significant(bar.volume, 5)}</Figure>
      {curve && <Figure name={t('chart.equity')}>{Number.isNaN(equity) ? '–' : fixed(equity, 2)}</Figure>}
      {curve && <Figure name={t('chart.drawdown')}>{Number.isNaN(drawdown) ? '–' : percent(-drawdown || 0)}</Figure>}
      {buyHold && <Figure name={t('chart.buy_hold')}>{fixed(Number.isNaN(facts.buyHold) ? null : facts.buyHold, 2)}</Figure>}
      <span className="candles-trades">
        <Trades trades={facts.trades} />
      </span>
    </div>
  );
}
