import { Link, useLocation } from 'react-router';
import { useT } from '../../i18n';
import { CopyButton } from '../../parts/CopyButton';
import { missing, value } from '../../parts/format';
import { floatsOf, paramRows, paramsYaml, runSweepYaml } from './params_yaml';
import type { RunDetail, SweepDetail } from './use_run';

/** The parameters, beside those of the sweep's best run where that is another one. */
export function RunParameters({ run, sweep }: { run: RunDetail; sweep: SweepDetail | undefined }) {
  const t = useT();
  const { search } = useLocation();
  const best = sweep?.best && sweep.best.run !== run.run ? sweep.best : undefined;
  const rows = paramRows(run.params, best?.params);
  return (
    <section className="stack run-params">
      <div className="row spread">
        <h2>{t('run.params')}</h2>
        <div className="row">
          <CopyButton text={paramsYaml(run.params, floatsOf(sweep))} label={t('run.params.copy')} />
          {sweep && (
            <span title={t('run.params.copy_sweep.hint')}>
              <CopyButton text={runSweepYaml(sweep, run)} label={t('run.params.copy_sweep')} />
            </span>
          )}
        </div>
      </div>
      {rows.length === 0 ? (
        <p className="soft">{t('run.params.none')}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('run.params.name')}</th>
              <th scope="col" className="number">
                {t('run.params.this')}
              </th>
              {best && (
                <th scope="col" className="number">
                  <Link to={`/sweeps/${encodeURIComponent(sweep?.id ?? '')}/runs/${best.run}${search}`}>{t('run.params.best', { n: best.run })}</Link>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} className={row.differs ? 'run-differs' : undefined}>
                <th scope="row">{row.name}</th>
                <td className="number">{value(row.value)}</td>
                {best && <td className="number soft">{row.best === undefined ? missing : value(row.best)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {sweep?.best?.run === run.run && <p className="soft">{t('run.params.is_best')}</p>}
    </section>
  );
}
