import { useT } from '../../i18n';
import { count, missing, time } from '../../parts/format';
import type { Series } from './series_list';

/** What is known of a series, in one row. */
export function SeriesFacts({ series }: { series: Series }) {
  const t = useT();
  const inDatabase = series.origin === 'postgres';
  const number = (value: number | null) => (value === null && inDatabase ? <span title={t('data.not_counted')}>{missing}</span> : count(value));
  const fault = (value: number | null) => <span className={value ? 'data-fault' : undefined}>{number(value)}</span>;
  const facts = [
    [t('data.candles'), number(series.count)],
    [t('data.first'), time(series.first_open_time)],
    [t('data.last'), time(series.last_open_time)],
    [t('data.gaps'), fault(series.gap_count), t('data.gaps.hint')],
    [t('data.missing'), fault(series.missing_candles), t('data.missing.hint')],
    [t('data.odd'), fault(series.odd_count), t('data.odd.hint')],
    [t('data.partial'), fault(series.partial_count), t('data.partial.hint')],
    [t('data.origin'), t(`data.origin.${series.origin}`)],
    [t('data.source'), series.source || missing],
    [t('data.imported'), time(series.imported_at).slice(0, 16)],
  ] as const;
  return (
    <dl className="data-facts">
      {facts.map(([name, value, hint]) => (
        <div key={name} title={hint}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
