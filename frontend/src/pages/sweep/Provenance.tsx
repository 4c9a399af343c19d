import { useT } from '../../i18n';
import type { Schemas } from '../../api/client';
import { CopyButton } from '../../parts/CopyButton';
import { count, time } from '../../parts/format';

/** Where the results come from: enough to make them again. */
export function Provenance({ detail }: { detail: Schemas['SweepDetail'] }) {
  const t = useT();
  const p = detail.provenance;
  const text = (title: string, source: string) => (
    <section className="sweep-source">
      <div className="row spread">
        <h3>{title}</h3>
        <CopyButton text={source} />
      </div>
      <pre tabIndex={0} aria-label={title}>
        {source}
      </pre>
    </section>
  );
  const fact = (label: string, value: string) => (
    <>
      <dt>{label}</dt>
      <dd className="mono">{value}</dd>
    </>
  );
  return (
    <div className="sweep-provenance" id="sweep-provenance">
      {p && (
        <dl>
          {p.series.map((s) => (
            <div key={`${s.symbol} ${s.interval}`}>
              {fact(t('sweep.provenance.series', { series: `${s.symbol} ${s.interval}` }), `${time(s.begin)} … ${time(s.end)} · ${t('sweep.provenance.bars', { bars: count(s.bars) })} · CRC-32 ${s.checksum.toString(16).padStart(8, '0')}`)}
            </div>
          ))}
          <div>{fact(t('sweep.provenance.space'), p.allowed > 0 ? `${count(p.space_size)} → ${count(p.allowed)}` : count(p.space_size))}</div>
          <div>{fact(t('sweep.provenance.seed'), String(p.seed))}</div>
          {p.rank_where && <div>{fact(t('sweep.provenance.filters'), p.rank_where)}</div>}
          <div>{fact(t('sweep.provenance.engine'), `kmill ${p.engine_version}, Python ${p.python_version}, ${p.libc}`)}</div>
          <div>{fact(t('sweep.provenance.machine'), `${p.host}, ${p.cpu}`)}</div>
          <div>{fact(t('sweep.provenance.sha'), p.strategy_sha256)}</div>
        </dl>
      )}
      <div className="sweep-sources">
        {text(t('sweep.provenance.spec'), detail.spec)}
        {text(detail.strategy ?? t('sweep.provenance.strategy'), detail.strategy_source)}
      </div>
    </div>
  );
}
