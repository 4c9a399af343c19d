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
const ranges = [
  ['playground.range.month', 30],
  ['playground.range.quarter', 91],
  ['playground.range.year', 365],
] as const;

/** The last month, quarter or year of the series, or all of it. */
export function RangeButtons({ chosen, config, onChange }: Props) {
  const t = useT();
  const last = chosen?.last_open_time ? Date.parse(chosen.last_open_time) : NaN;
  const first = chosen?.first_open_time ? Date.parse(chosen.first_open_time) : NaN;
  if (Number.isNaN(last) || Number.isNaN(first)) return null;
  const end = nextOpen(last, config.interval);
  return (
    <div className="playground-ranges" role="group" aria-label={t('playground.range')}>
      {ranges.map(([key, days]) => {
        const from = timeText(Math.max(first, Math.ceil((end - days * DAY) / DAY) * DAY));
        return (
          <button key={key} type="button" aria-pressed={config.from === from && config.to === timeText(end)} onClick={() => onChange({ from, to: timeText(end) })}>
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
