import { useT } from '../../../i18n';
import type { Schemas } from '../../../api/client';
import type { RunConfig } from './config';
import { nextOpen, timeText } from './time_text';

interface Props {
  chosen: Schemas['SeriesSummary'] | undefined;
  config: RunConfig;
  onChange: (patch: Partial<RunConfig>) => void;
}
const DAY = 86_400_000;

/** The last `days` days of a series; null: it has no klines. */
export function lastDays(series: Schemas['SeriesSummary'] | undefined, days: number): Pick<RunConfig, 'from' | 'to'> | null {
  if (!series?.first_open_time || !series.last_open_time) return null;
  const end = nextOpen(Date.parse(series.last_open_time), series.interval);
  return { from: timeText(Math.max(Date.parse(series.first_open_time), Math.ceil((end - days * DAY) / DAY) * DAY)), to: timeText(end) };
}
const ranges = [
  ['playground.range.month', 30],
  ['playground.range.quarter', 91],
  ['playground.range.year', 365],
] as const;

/** The last month, quarter or year of the series, or all of it. */
export function RangeButtons({ chosen, config, onChange }: Props) {
  const t = useT();
  return (
    <div className="playground-ranges" role="group" aria-label={t('playground.range')}>
      {ranges.map(([key, days]) => {
        const range = lastDays(chosen, days);
        return (
          <button key={key} type="button" disabled={!range} aria-pressed={range !== null && config.from === range.from && config.to === range.to} onClick={() => range && onChange(range)}>
            {t(key)}
          </button>
        );
      })}
      <button type="button" aria-pressed={!config.from && !config.to} onClick={() => onChange({ from: '', to: '' })}>
        {t('playground.range.all')}
      </button>
    </div>
  );
}
