import { useT } from '../../i18n';

const LINKS = [
  ['/api/v1/openapi.yaml', 'docs.server.contract'],
  ['/health', 'docs.server.health'],
  ['/metrics', 'docs.server.counters'],
] as const;

/** Where the server's own contract is. */
export function ServerApi() {
  const t = useT();
  return (
    <section>
      <h2 id="server">{t('docs.server')}</h2>
      <p>{t('docs.server.text')}</p>
      <ul>
        {LINKS.map(([address, key]) => (
          <li key={address}>
            <a href={address}>{t(key)}</a> <code>{address}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
