// The strategy API as strategies/README.md has it, the metrics as the engine has them, and the way to the server's API.
import { useDeferredValue, useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'react-router';
import { metrics, strategyApi } from 'virtual:docs';
import { useI18n } from '../../i18n';
import { useUrlState } from '../../parts/url_state';
import { DocsContents } from './DocsContents';
import { hasWords, wordsOf } from './docs_search';
import { MetricFormulas } from './MetricFormulas';
import { ServerApi } from './ServerApi';
import { useMarkedWords } from './use_marked_words';
import './docs.css';

const metricText = metrics.map(({ name, unit, formula }) => `${name} ${unit} ${formula}`).join(' ');

/** The place the address names, also when it is opened by a link from elsewhere. */
function useAnchor(): void {
  const { hash } = useLocation();
  useEffect(() => {
    if (hash) document.getElementById(decodeURIComponent(hash.slice(1)))?.scrollIntoView();
  }, [hash]);
}

export default function DocsPage() {
  const { t, language } = useI18n();
  const [params, change] = useUrlState();
  const search = params.get('q') ?? '';
  const deferred = useDeferredValue(search);
  const words = useMemo(() => wordsOf(deferred), [deferred]);
  const article = useRef<HTMLElement>(null);
  useAnchor();
  useMarkedWords(article, words);

  const texts = strategyApi.filter((section) => hasWords(section.text, words));
  const hasMetrics = hasWords(`${t('docs.metrics')} ${t('docs.metrics.text')} ${metricText}`, words);
  const hasServer = hasWords(`${t('docs.server')} ${t('docs.server.text')}`, words);
  const found = texts.length + Number(hasMetrics) + Number(hasServer);
  return (
    <div className="docs">
      <aside className="docs-side">
        <input
          type="search"
          value={search}
          placeholder={t('docs.search')}
          aria-label={t('docs.search')}
          onChange={(event) => change({ q: event.target.value }, { replace: true })}
        />
        <p className="docs-found soft" role="status">
          {words.length > 0 && (found > 0 ? t('docs.search.found', { count: found }) : t('docs.search.none'))}
        </p>
        <DocsContents sections={texts} metrics={hasMetrics} server={hasServer} />
      </aside>
      <article ref={article} className="docs-text">
        {language !== 'en' && <p className="soft">{t('docs.language')}</p>}
        <div lang="en">
          {texts.map((section) => (
            <section key={section.id} dangerouslySetInnerHTML={{ __html: section.html }} />
          ))}
        </div>
        {hasMetrics && <MetricFormulas words={words} />}
        {hasServer && <ServerApi />}
      </article>
    </div>
  );
}
