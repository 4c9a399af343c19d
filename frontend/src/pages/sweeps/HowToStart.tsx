import { Link } from 'react-router';
import { useT } from '../../i18n';
import { CopyButton } from '../../parts/CopyButton';

const COMMAND = 'kmill run configs/sma_cross.yaml --store klines --output results/sma_cross.h5';

export function HowToStart() {
  const t = useT();
  return (
    <div className="how-to-start">
      <p>{t('sweeps.empty.command')}</p>
      <div className="row how-to-start-command">
        <code>{COMMAND}</code>
        <CopyButton text={COMMAND} />
      </div>
      <p>
        {t('sweeps.empty.or')} <Link to="/playground">{t('sweeps.empty.playground')}</Link>
      </p>
    </div>
  );
}
