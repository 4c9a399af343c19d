// The strategy API as strategies/README.md (or its translation) has it, the metrics as the engine has them, and the way to the server's API.
import { useDeferredValue, useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'react-router';
import { metrics } from 'virtual:docs';
import { useI18n } from '../../i18n';
import { Failure, Loading } from '../../parts/states';
import { useUrlState } from '../../parts/url_state';
import { DocsContents } from './DocsContents';
import { hasWords, metricText, wordsOf } from './docs_search';
import { MetricFormulas } from './MetricFormulas';
import { ServerApi } from './ServerApi';
import { useMarkedWords } from './use_marked_words';
import { useStrategyApi } from './use_strategy_api';
import './docs.css';

/** The place the address names, also when it is opened by a link from elsewhere. */
function useAnchor(ready: boolean): void {
  const { hash } = useLocation();
  useEffect(() => {
    if (ready && hash) document.getElementById(decodeURIComponent(hash.slice(1)))?.scrollIntoView();
  }, [ready, hash]);
}

export default function DocsPage() {
  const { t, language } = useI18n();
  const [params, change] = useUrlState();
  const search = params.get('q') ?? '';
  const deferred = useDeferredValue(search);
  const words = useMemo(() => wordsOf(deferred), [deferred]);
  const article = useRef<HTMLElement>(null);
  const api = useStrategyApi(language);
  useAnchor(api.isSuccess);
  useMarkedWords(article, words, api.data);

  if (api.isPending) return <Loading />;
  if (api.isError) return <Failure error={api.error} retry={() => void api.refetch()} />;
  const textLanguage = api.data.language === 'zh' ? 'zh-CN' : 'en';
  const texts = api.data.sections.filter((section) => hasWords(section.text, words));
  const hasMetrics = hasWords(`${t('docs.metrics')} ${t('docs.metrics.text')} ${metrics.map((metric) => metricText(t, metric)).join(' ')}`, words);
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
        <DocsContents sections={texts} language={textLanguage} metrics={hasMetrics} server={hasServer} />
      </aside>
      <article ref={article} className="docs-text">
        <div lang={textLanguage}>
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
