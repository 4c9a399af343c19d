import { Link } from 'react-router';
import { useT } from '../i18n';

export function NotFound() {
  const t = useT();
  return (
    <div className="notice">
      <h2>{t('state.not_found')}</h2>
      <p>{t('state.not_found.hint')}</p>
      <Link to="/sweeps">{t('nav.sweeps')}</Link>
    </div>
  );
}
