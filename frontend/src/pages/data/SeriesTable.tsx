import { Link } from 'react-router';
import { useT, type Key } from '../../i18n';
import { count, time } from '../../parts/format';
import { nextSort, sorted, type Series, type SeriesSort, type SortColumn } from './series_list';

interface Column {
  id: SortColumn;
  label: Key;
  hint?: Key;
  isNumber?: boolean;
  cell: (series: Series) => string;
}
const COLUMNS: readonly Column[] = [
  { id: 'symbol', label: 'data.symbol', cell: (series) => series.symbol },
  { id: 'interval', label: 'data.interval', cell: (series) => series.interval },
  { id: 'first', label: 'data.first', cell: (series) => time(series.first_open_time) },
  { id: 'last', label: 'data.last', cell: (series) => time(series.last_open_time) },
  { id: 'count', label: 'data.candles', isNumber: true, cell: (series) => count(series.count) },
  { id: 'gaps', label: 'data.gaps', hint: 'data.gaps.hint', isNumber: true, cell: (series) => count(series.gap_count) },
  { id: 'missing', label: 'data.missing', hint: 'data.missing.hint', isNumber: true, cell: (series) => count(series.missing_candles) },
  { id: 'odd', label: 'data.odd', hint: 'data.odd.hint', isNumber: true, cell: (series) => count(series.odd_count) },
  { id: 'partial', label: 'data.partial', hint: 'data.partial.hint', isNumber: true, cell: (series) => count(series.partial_count) },
  { id: 'source', label: 'data.source', cell: (series) => series.source },
];
const FAULTS: ReadonlySet<SortColumn> = new Set<SortColumn>(['gaps', 'missing', 'odd', 'partial']);

export const seriesPath = ({ symbol, interval }: Pick<Series, 'symbol' | 'interval'>): string => `/data/${encodeURIComponent(symbol)}/${encodeURIComponent(interval)}`;

function Cell({ column, series }: { column: Column; series: Series }) {
  const t = useT();
  const text = column.cell(series);
  if (column.id === 'symbol')
    return (
      <Link className="data-symbol" to={seriesPath(series)}>
        {text}
      </Link>
    );
  if (column.id === 'source')
    return (
      <span className="data-source" title={series.source}>
        {series.origin === 'postgres' ? <span className="data-origin">{t('data.origin.postgres')}</span> : text}
      </span>
    );
  if (FAULTS.has(column.id)) return <span className={text === '0' ? 'soft' : 'data-fault'}>{text}</span>;
  return <>{text}</>;
}

interface Props {
  list: readonly Series[];
  sort: SeriesSort | null;
  setSort: (sort: string | null) => void;
}

export function SeriesTable({ list, sort, setSort }: Props) {
  const t = useT();
  const direction = (id: SortColumn) => (sort?.column !== id ? undefined : sort.descending ? 'descending' : 'ascending');
  return (
    <div className="data-scroll" role="region" aria-label={t('data.table')} tabIndex={0}>
      <table className="data-table">
        <thead>
          <tr>
            {COLUMNS.map(({ id, label, hint, isNumber }) => (
              <th key={id} scope="col" className={isNumber ? 'number' : undefined} aria-sort={direction(id)} title={hint && t(hint)}>
                <button type="button" className="data-sort" onClick={() => setSort(nextSort(sort, id))}>
                  {t(label)}
                  <span aria-hidden="true">{direction(id) ? (sort?.descending ? '↓' : '↑') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(list, sort).map((series) => (
            <tr key={`${series.symbol} ${series.interval}`}>
              {COLUMNS.map((column) => (
                <td key={column.id} className={column.isNumber ? 'number' : undefined} data-label={t(column.label)}>
                  <Cell column={column} series={series} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
