import { useT } from '../../../i18n';
import { metric, signClass } from '../../../parts/format';
import type { RunResult } from '../engine/job';
import { figureValue, keyFigures, moreFigures, type Figure } from './result_facts';

function FigureList({ list, result, label, className }: { list: readonly Figure[]; result: RunResult; label: string; className: string }) {
  const t = useT();
  return (
    <dl className={className} aria-label={label}>
      {list.map(({ name, label: key, unit, signed }) => {
        const value = figureValue(result, name);
        if (value === undefined) return null;
        return (
          <div key={name} data-figure={name} data-value={value ?? ''}>
            <dt>{t(key)}</dt>
            <dd className={signed ? signClass(value) : ''}>{metric(name, unit === 'base' ? 'number' : unit, value)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

export function ResultFigures({ result }: { result: RunResult }) {
  const t = useT();
  return (
    <>
      <FigureList list={keyFigures} result={result} label={t('playground.figures')} className="playground-figures" />
      <FigureList list={moreFigures} result={result} label={t('playground.figures.more')} className="playground-figures small" />
    </>
  );
}
