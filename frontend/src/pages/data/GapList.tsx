import type { Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { count, time } from '../../parts/format';

interface Props {
  gaps: Schemas['SeriesDetail']['gaps'];
  total: number | null;
  goTo: (time: number) => void;
}

/** Where candles are missing; each leads to its place in the chart. */
export function GapList({ gaps, total, goTo }: Props) {
  const t = useT();
  if (gaps.length === 0) return <p className="soft">{t('data.complete')}</p>;
  return (
    <>
      {total !== null && total > gaps.length && <p className="soft">{t('data.gap.first', { shown: count(gaps.length), count: count(total) })}</p>}
      <div className="data-scroll data-list" role="region" aria-label={t('data.gaps')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('data.gap.after')}</th>
              <th scope="col">{t('data.gap.before')}</th>
              <th scope="col" className="number">
                {t('data.missing')}
              </th>
            </tr>
          </thead>
          <tbody>
            {gaps.map((gap) => (
              <tr key={gap.after}>
                <td>
                  <button type="button" className="data-go" onClick={() => goTo(Date.parse(gap.after))} aria-label={t('data.gap.go', { time: time(gap.after) })}>
                    {time(gap.after)}
                  </button>
                </td>
                <td>{time(gap.before)}</td>
                <td className="number">{count(gap.missing)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
