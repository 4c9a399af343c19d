// What the address asks for, put into the draft once; then the address is plain again, so that a reload keeps what was changed since.
import { useEffect, useRef, useState } from 'react';
import { useUrlState } from '../../parts/url_state';
import { detectParameters } from './config/parameters';
import { configOfLink, prefillOfRun } from './prefill';
import type { Workspace } from './strategies/use_workspace';
import type { Schemas } from '../../api/client';

const NAMES = ['sweep', 'run', 'symbol', 'interval', 'from', 'to', 'strategy'] as const;

/** The error of a run that cannot be had. */
export function usePrefill(workspace: Workspace, templates: Schemas['StrategyList']['strategies'] | undefined): unknown {
  const [query, setQuery] = useUrlState();
  const [error, setError] = useState<unknown>(null);
  const busy = useRef('');
  useEffect(() => {
    const key = query.toString();
    if (!NAMES.some((name) => query.has(name)) || busy.current === key) return;
    const done = () => setQuery(Object.fromEntries(NAMES.map((name) => [name, null])), { replace: true });
    const sweep = query.get('sweep');
    if (sweep) {
      busy.current = key;
      prefillOfRun(sweep, Number(query.get('run') ?? 0)).then(
        (found) => {
          workspace.replace(found);
          done();
        },
        (reason: unknown) => {
          setError(reason);
          done();
        },
      );
      return;
    }
    const file = query.get('strategy');
    if (file && !templates) return; // it comes
    busy.current = key;
    const template = templates?.find((item) => item.file === file || item.name === file);
    const config = { ...workspace.draft.config, ...configOfLink(query) };
    if (template) workspace.replace({ source: template.source, config: { ...config, parameters: detectParameters(template.source) } });
    else workspace.change({ config });
    done();
    // eslint-disable-next-line
  }, [query, templates]);
  return error;
}
