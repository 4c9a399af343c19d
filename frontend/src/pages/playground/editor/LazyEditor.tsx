import { lazy, Suspense, type ComponentProps } from 'react';
import { useT } from '../../../i18n';

const CodeEditor = lazy(() => import('./CodeEditor'));

/** The editor when it is there; until then its place, so that nothing jumps. */
export function LazyEditor(props: ComponentProps<typeof CodeEditor>) {
  const t = useT();
  return (
    <Suspense fallback={<div className="playground-code loading">{t('state.loading')}</div>}>
      <CodeEditor {...props} />
    </Suspense>
  );
}
