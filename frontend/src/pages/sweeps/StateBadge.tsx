import type { Schemas } from '../../api/client';
import { useT } from '../../i18n';
import './state.css';

export function StateBadge({ state }: { state: Schemas['SweepState'] }) {
  const t = useT();
  return <span className={`state-badge state-${state}`}>{t(`sweeps.state.${state}`)}</span>;
}
