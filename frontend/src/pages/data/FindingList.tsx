import { useMemo } from 'react';
import { useT } from '../../i18n';
import { missing, time } from '../../parts/format';
import { findings } from './series_list';

/** What the checks found beside gaps, a line each. */
export function FindingList({ report, goTo }: { report: string; goTo: (time: number) => void }) {
  const t = useT();
  const list = useMemo(() => findings(report), [report]);
  if (list.length === 0) return <p className="soft">{t('data.findings.none')}</p>;
  return (
    <div className="data-scroll data-list" role="region" aria-label={t('data.findings')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('data.finding.kind')}</th>
            <th scope="col">{t('data.finding.time')}</th>
            <th scope="col">{t('data.finding.text')}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(({ kind, time: at, text }, index) => (
            <tr key={index}>
              <td>{kind || missing}</td>
              <td>
                {at === null ? (
                  missing
                ) : (
                  <button type="button" className="data-go" onClick={() => goTo(at)} aria-label={t('data.finding.go', { time: time(at) })}>
                    {time(at)}
                  </button>
                )}
              </td>
              <td className="data-text">{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
