// Asks for the token and tries it at once: a wrong one is told here, and a right one lets what waits for it go on.
import { useEffect, useState, type FormEvent } from 'react';
import { tryToken } from '../api/authorized_fetch';
import { errorOf, errorText } from '../api/client';
import { isToken, tokenKeeper, useToken } from '../api/token';
import { useT } from '../i18n';
import { Modal } from '../parts/Modal';

type Said = 'unneeded' | 'wrong' | { error: unknown } | null;

/** What the server makes of a token: null, it may pass. */
async function opinion(token: string): Promise<Said> {
  if (!isToken(token)) return 'wrong';
  const answer = await tryToken(token);
  if (answer.ok) return null;
  return answer.status === 401 ? 'wrong' : { error: errorOf(answer.status, await answer.json().catch(() => null)) };
}

/** Whether the server wants one at all, asked when the user opens the dialog. */
async function need(): Promise<Said> {
  const answer = await tryToken(null);
  if (answer.ok) return 'unneeded';
  return answer.status === 401 ? null : { error: errorOf(answer.status, await answer.json().catch(() => null)) };
}

export default function TokenDialog() {
  const t = useT();
  const { token, inBrowser, isWanted, isRejected, asking } = useToken();
  const [text, setText] = useState('');
  const [keep, setKeep] = useState(inBrowser);
  const [said, setSaid] = useState<Said>(null);
  const [isTrying, setTrying] = useState(false);
  const isKnown = isWanted || token !== null;
  useEffect(() => {
    if (isKnown) return;
    let isOver = false;
    need().then(
      (found) => {
        if (isOver) return;
        tokenKeeper.wanted(found === null);
        setSaid(found);
      },
      () => undefined, // the banner tells
    );
    return () => void (isOver = true);
  }, [isKnown]);
  const close = () => tokenKeeper.close(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTrying(true);
    const given = text.trim();
    const found = await opinion(given).catch((error: unknown): Said => ({ error }));
    setTrying(false);
    setSaid(found);
    if (found !== null) return;
    tokenKeeper.keep(given, keep);
    tokenKeeper.close(true);
  };
  if (said === 'unneeded')
    return (
      <Modal title={t('token.title')} onClose={close}>
        <p className="token-text">{t('token.unneeded')}</p>
      </Modal>
    );
  const problem = said === 'wrong' ? t('token.wrong') : said !== null ? errorText(said.error) : null;
  return (
    <Modal title={t('token.title')} onClose={close}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p className="token-text">{t(isRejected ? 'token.rejected' : asking === 'request' ? 'token.refused' : 'token.text')}</p>
        {token !== null && asking === 'user' && (
          <p className="row spread token-kept">
            {t(inBrowser ? 'token.in_browser' : 'token.in_tab')}
            <button type="button" className="danger" onClick={() => tokenKeeper.forget()}>
              {t('token.forget')}
            </button>
          </p>
        )}
        <label className="field">
          {t('token.label')}
          <input
            className="mono"
            type="password"
            data-autofocus
            autoComplete="current-password"
            spellCheck={false}
            maxLength={600}
            value={text}
            aria-invalid={problem !== null}
            aria-describedby="token-problem"
            onChange={(event) => (setText(event.target.value), problem !== null && setSaid(null))}
          />
        </label>
        <p id="token-problem" className="down token-problem" role="alert">
          {problem}
        </p>
        <label className="row">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
          {t('token.remember')}
        </label>
        <div className="row modal-end">
          <button type="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <button type="submit" className="primary" disabled={text.trim() === '' || isTrying}>
            {t(isTrying ? 'token.trying' : 'token.use')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
