import { useEffect } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { useConnection } from '../api/connection';
import { useLiveSweeps } from '../api/live';
import { useT } from '../i18n';
import { LanguageSwitch } from './LanguageSwitch';
import { ThemeSwitch } from './ThemeSwitch';
import { TokenSwitch } from './TokenSwitch';

const pages = [
  ['/sweeps', 'nav.sweeps'],
  ['/playground', 'nav.playground'],
  ['/data', 'nav.data'],
  ['/docs', 'nav.docs'],
] as const;

/** The frame of every page: navigation, theme, language, and a banner while the server does not answer. */
export function Shell() {
  const t = useT();
  const { pathname } = useLocation();
  const online = useConnection();
  useLiveSweeps();
  useEffect(() => {
    void window.scrollTo(0, 0); // newer browsers answer with a promise, which an effect may not return
  }, [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <header className="topbar">
        <NavLink className="brand" to="/sweeps">
          <img src="/icon.svg" alt="" />
          kmill
        </NavLink>
        <nav aria-label={t('nav.label')}>
          {pages.map(([to, key]) => (
            <NavLink key={to} to={to}>
              {t(key)}
            </NavLink>
          ))}
        </nav>
        <LanguageSwitch />
        <TokenSwitch />
        <ThemeSwitch />
      </header>
      {!online && (
        <div className="banner" role="status">
          {t('shell.offline')}
        </div>
      )}
      <main id="content" className="page" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
