import { CopyButton } from '../../parts/CopyButton';
import { Empty } from '../../parts/states';
import { useT } from '../../i18n';

const COMMANDS = [
  ['data.empty.fetch', 'kmill fetch BTCUSDT 1h --from 2024-01 --to 2024-12'],
  ['data.empty.import', 'kmill import csv BTCUSDT-1h-2024-01.zip'],
  ['data.empty.synth', 'kmill synth --symbol SYNTHUSDT --interval 1h --bars 8760'],
] as const;

/** A store without series: the ways to fill it. */
export function EmptyStore() {
  const t = useT();
  return (
    <Empty title={t('data.empty')}>
      <p>{t('data.empty.hint')}</p>
      <ul className="data-commands">
        {COMMANDS.map(([key, command]) => (
          <li key={key}>
            <span>{t(key)}</span>
            <span className="row">
              <code>{command}</code>
              <CopyButton text={command} />
            </span>
          </li>
        ))}
      </ul>
    </Empty>
  );
}
