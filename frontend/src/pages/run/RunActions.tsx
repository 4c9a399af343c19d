import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api, data, errorText } from '../../api/client';
import { useT } from '../../i18n';
import type { RunDetail } from './use_run';

const KINDS = ['trades', 'equity'] as const;
const FORMATS = ['csv', 'json'] as const;

function ExportMenu({ id, run }: { id: string; run: RunDetail }) {
  const t = useT();
  const menu = useRef<HTMLDetailsElement>(null);
  const there = { trades: run.trades_kept > 0, equity: run.curve !== null };
  useEffect(() => {
    const elsewhere = (event: PointerEvent) => {
      if (menu.current && event.target instanceof Node && !menu.current.contains(event.target)) menu.current.open = false;
    };
    window.addEventListener('pointerdown', elsewhere);
    return () => window.removeEventListener('pointerdown', elsewhere);
  }, []);
  const closed = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !menu.current?.open) return;
    menu.current.open = false;
    menu.current.querySelector('summary')?.focus();
  };
  if (!there.trades && !there.equity) return null;
  return (
    <details ref={menu} className="run-export" onKeyDown={closed}>
      <summary className="button">{t('action.export')}</summary>
      <div className="run-export-list">
        {KINDS.filter((what) => there[what]).flatMap((what) =>
          FORMATS.map((format) => (
            <a key={`${what}.${format}`} href={`/api/v1/sweeps/${encodeURIComponent(id)}/export?what=${what}&format=${format}&run=${run.run}`} download>
              {t(`run.export.${what}`)} · {format.toUpperCase()}
            </a>
          )),
        )}
      </div>
    </details>
  );
}

export function RunActions({ id, run }: { id: string; run: RunDetail }) {
  const t = useT();
  const verify = useMutation({
    mutationKey: ['verify', id, run.run],
    mutationFn: () => data(api.POST('/api/v1/sweeps/{id}/runs/{n}/verify', { params: { path: { id, n: run.run } } })),
  });
  const { reset } = verify;
  useEffect(() => reset(), [id, run.run, reset]);
  return (
    <div className="run-actions">
      <div className="row">
        <Link className="button" to={`/playground?sweep=${encodeURIComponent(id)}&run=${run.run}`} title={t('run.again.hint')}>
          {t('run.again')}
        </Link>
        <button type="button" disabled={verify.isPending} onClick={() => verify.mutate()} title={t('run.verify.hint')}>
          {verify.isPending ? t('run.verify.running') : t('run.verify')}
        </button>
        <ExportMenu id={id} run={run} />
      </div>
      <div className="run-verified" role="status">
        {verify.data?.equal === true && <span className="up">{t('run.verify.equal')}</span>}
        {verify.data?.equal === false && (
          <span className="down">
            {t('run.verify.differs')} {verify.data.differences.join('; ')}
          </span>
        )}
        {verify.error && <span className="down">{errorText(verify.error)}</span>}
      </div>
    </div>
  );
}
