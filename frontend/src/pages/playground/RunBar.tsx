// Run, stop, where it runs, and how far it is.
import { Link } from 'react-router';
import { useT } from '../../i18n';
import { count } from '../../parts/format';
import type { EngineName } from './engine/job';
import type { Running } from './use_run';

interface Props {
  engine: EngineName;
  running: Running | null;
  canRun: boolean;
  onEngine: (engine: EngineName) => void;
  onRun: () => void;
  onStop: () => void;
  onSweep: () => void;
}

function Progress({ running }: { running: Running }) {
  const t = useT();
  const { stage, done, total } = running;
  const share = total > 0 ? done / total : undefined;
  const text = stage === 'bars' && total > 0 ? t('playground.stage.bars.of', { done: count(done), total: count(total) }) : t(`playground.stage.${stage}`);
  return (
    <div className="playground-progress">
      <progress max={1} value={share} aria-label={t('playground.progress')} />
      <span className="soft">
        {text}
        {share !== undefined && stage !== 'bars' && ` ${Math.round(share * 100)} %`}
      </span>
    </div>
  );
}

export function RunBar({ engine, running, canRun, onEngine, onRun, onStop, onSweep }: Props) {
  const t = useT();
  return (
    <div className="playground-bar playground-runbar">
      {running ? (
        <button type="button" className="danger playground-run" onClick={onStop} title="Escape">
          {t('playground.stop')}
        </button>
      ) : (
        <button type="button" className="primary playground-run" onClick={onRun} disabled={!canRun} title="Ctrl+Enter">
          {t('playground.run')}
        </button>
      )}
      <div className="row" role="group" aria-label={t('playground.engine')}>
        {(['server', 'browser'] as const).map((name) => (
          <button key={name} type="button" aria-pressed={engine === name} disabled={running !== null} title={t(`playground.engine.${name}.hint`)} onClick={() => onEngine(name)}>
            {t(`playground.engine.${name}`)}
          </button>
        ))}
      </div>
      {running ? (
        <Progress running={running} />
      ) : (
        <div className="playground-progress soft">
          <p>
            {t('playground.keys')} <Link to="/docs">{t('playground.api')}</Link>
          </p>
        </div>
      )}
      <button type="button" onClick={onSweep}>
        {t('playground.sweep')}
      </button>
    </div>
  );
}
