import { useI18n } from '../../i18n';
import { fixed, missing } from '../../parts/format';
import { largestMonth, monthlyTable, type MonthlyReturn } from './monthly_table';

const STRONGEST = 42; // percent of the colour: text on it keeps its contrast

function tint(value: number, largest: number): string | undefined {
  if (value === 0 || largest === 0) return undefined;
  const part = Math.max(4, Math.round((Math.min(1, Math.abs(value) / largest) || 0) * STRONGEST));
  return `color-mix(in srgb, var(${value > 0 ? '--up' : '--down'}) ${part}%, var(--surface))`;
}

const percentOf = (value: number | null): string => (value === null ? '' : fixed(value * 100, 2));

export function MonthlyReturns({ returns }: { returns: readonly MonthlyReturn[] }) {
  const { t, language } = useI18n();
  const rows = monthlyTable(returns);
  const largest = largestMonth(rows);
  const months = Array.from({ length: 12 }, (_, month) => new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-US', { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, month, 1)));
  return (
    <section className="stack">
      <h2>
        {t('run.months')} <span className="soft run-unit">%</span>
      </h2>
      <div className="run-scroll" tabIndex={0} role="region" aria-label={t('run.months')}>
        <table className="run-months">
          <thead>
            <tr>
              <th scope="col">{t('run.year')}</th>
              {months.map((name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
              <th scope="col" className="number">
                {t('run.year.total')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.year}>
                <th scope="row">{row.year}</th>
                {row.months.map((value, month) => (
                  <td key={month} className="number" style={value === null ? undefined : { background: tint(value, largest) }}>
                    {percentOf(value)}
                  </td>
                ))}
                <td className="number run-year-total">{row.total === null ? missing : percentOf(row.total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
