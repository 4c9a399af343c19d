import { Link } from 'react-router';
import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import { stepText, type Axis, type RankedCell } from './heatmap_model';
import { ScrollBox } from './ScrollBox';

const SHOWN = 200;

/** The cells of a heatmap as a list, the best first. */
export function HeatmapTable({ id, cells, x, y, name, figure }: { id: string; cells: readonly RankedCell[]; x: Axis; y: Axis; name: string; figure: (value: number) => string }) {
  const t = useT();
  return (
    <ScrollBox label={t('views.heatmap')}>
      <table className="view-table">
        <caption>{t('views.heatmap.caption', { shown: Math.min(SHOWN, cells.length), cells: format.count(cells.length) })}</caption>
        <thead>
          <tr>
            <th scope="col" className="number">{x.column.name}</th>
            <th scope="col" className="number">{y.column.name}</th>
            <th scope="col" className="number">{name}</th>
            <th scope="col" className="number">{t('views.runs')}</th>
            <th scope="col" className="number">{t('views.best')}</th>
          </tr>
        </thead>
        <tbody>
          {cells.slice(0, SHOWN).map((cell) => (
            <tr key={`${cell.x}:${cell.y}`}>
              <td className="number">{stepText(x, cell.x)}</td>
              <td className="number">{stepText(y, cell.y)}</td>
              <td className="number">{figure(cell.value)}</td>
              <td className="number">{format.count(cell.count)}</td>
              <td className="number">{cell.run !== null && <Link to={`/sweeps/${encodeURIComponent(id)}/runs/${cell.run}`}>{cell.run}</Link>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
