import type { Section } from '../../../script/markdown_sections';
import { useT } from '../../i18n';

interface Props {
  sections: readonly Section[];
  language: string; // of the sections
  metrics: boolean;
  server: boolean;
}

/** The table of contents; closed on a phone until it is asked for. */
export function DocsContents({ sections, language, metrics, server }: Props) {
  const t = useT();
  return (
    <details className="docs-contents" open={window.matchMedia('(min-width: 861px)').matches}>
      <summary>{t('docs.contents')}</summary>
      <nav aria-label={t('docs.contents')}>
        <ul>
          {sections.map(({ id, title, headings }) => (
            <li key={id} lang={language}>
              <a href={`#${id}`}>{title}</a>
              {headings.length > 0 && (
                <ul>
                  {headings.map((heading) => (
                    <li key={heading.id}>
                      <a href={`#${heading.id}`}>{heading.text}</a>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          ))}
          {metrics && (
            <li>
              <a href="#metrics">{t('docs.metrics')}</a>
            </li>
          )}
          {server && (
            <li>
              <a href="#server">{t('docs.server')}</a>
            </li>
          )}
        </ul>
      </nav>
    </details>
  );
}
