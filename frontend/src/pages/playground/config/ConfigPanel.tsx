// What a run is made with: series, range, account, window, parameters.
import { useT, type Key } from '../../../i18n';
import type { Schemas } from '../../../api/client';
import { count } from '../../../parts/format';
import { barsOf, type FieldProblems, type PriceCheck, type RunConfig } from './config';
import { Field } from './Field';
import { ParameterRows } from './ParameterRows';
import { WINDOW } from './parameters';
import { RangeButtons } from './RangeButtons';
import { timeText } from './time_text';

type Series = Schemas['SeriesSummary'];
interface Props {
  config: RunConfig;
  source: string;
  series: readonly Series[];
  problems: FieldProblems;
  onChange: (patch: Partial<RunConfig>) => void;
}

const checks: readonly PriceCheck[] = ['count', 'refuse', 'off'];
type TextField = 'from' | 'to' | 'initialBalance' | 'feeRate' | 'slippage' | 'window' | 'warmup';

const withPresent = (values: readonly string[], present: string): string[] => (present && !values.includes(present) ? [...values, present] : [...values]);

function SeriesFacts({ chosen, config }: { chosen: Series | undefined; config: RunConfig }) {
  const t = useT();
  const first = chosen?.first_open_time;
  const last = chosen?.last_open_time;
  if (!first || !last) return null;
  const bars = barsOf(config, Date.parse(first), Date.parse(last));
  return <p className="soft playground-facts">{t('playground.series.facts', { first: timeText(Date.parse(first)), last: timeText(Date.parse(last)), bars: count(bars) })}</p>;
}

export function ConfigPanel({ config, source, series, problems, onChange }: Props) {
  const t = useT();
  const symbols = withPresent([...new Set(series.map((item) => item.symbol))], config.symbol);
  const intervals = withPresent(series.filter((item) => item.symbol === config.symbol).map((item) => item.interval), config.interval);
  const chosen = series.find((item) => item.symbol === config.symbol && item.interval === config.interval);
  const choose = (symbol: string) => {
    const known = series.filter((item) => item.symbol === symbol).map((item) => item.interval as string);
    onChange({ symbol, interval: known.includes(config.interval) ? config.interval : (known.at(-1) ?? '') });
  };
  const text = (key: TextField, label: Key, field: string, hint?: Key, placeholder?: string) => (
    <Field label={t(label)} {...(hint ? { hint: t(hint) } : {})} problem={problems[field]}>
      {(attributes) => <input {...attributes} className="mono" value={config[key]} placeholder={placeholder} spellCheck={false} autoComplete="off" onChange={(event) => onChange({ [key]: event.target.value })} />}
    </Field>
  );
  return (
    <section className="playground-config card" aria-label={t('playground.config')}>
      <div className="playground-fields">
        <Field label={t('playground.symbol')} problem={problems['symbol']}>
          {(attributes) => (
            <select {...attributes} value={config.symbol} onChange={(event) => choose(event.target.value)}>
              {!config.symbol && <option value="" />}
              {symbols.map((symbol) => (
                <option key={symbol}>{symbol}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t('playground.interval')} problem={problems['interval']}>
          {(attributes) => (
            <select {...attributes} value={config.interval} onChange={(event) => onChange({ interval: event.target.value })}>
              {!config.interval && <option value="" />}
              {intervals.map((interval) => (
                <option key={interval}>{interval}</option>
              ))}
            </select>
          )}
        </Field>
        {text('from', 'playground.from', 'start_time', 'playground.time.hint', t('playground.from.all'))}
        {text('to', 'playground.to', 'end_time', 'playground.time.hint', t('playground.to.all'))}
      </div>
      <RangeButtons chosen={chosen} config={config} onChange={onChange} />
      <SeriesFacts chosen={chosen} config={config} />
      <div className="playground-fields">
        {text('initialBalance', 'playground.balance', 'initialBalance')}
        {text('feeRate', 'playground.fee', 'feeRate', 'playground.fee.hint')}
        {text('window', 'playground.window', `strategyParams.${WINDOW}`, 'playground.window.hint')}
        {text('slippage', 'playground.slippage', 'slippage_bp', 'playground.slippage.hint')}
        {text('warmup', 'playground.warmup', 'warmup', 'playground.warmup.hint')}
        <Field label={t('playground.price_check')} hint={t('playground.price_check.hint')} problem={problems['price_check']}>
          {(attributes) => (
            <select {...attributes} value={config.priceCheck} onChange={(event) => onChange({ priceCheck: event.target.value as PriceCheck })}>
              {checks.map((check) => (
                <option key={check} value={check}>
                  {t(`playground.price_check.${check}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <ParameterRows source={source} rows={config.parameters} problems={problems} onChange={(parameters) => onChange({ parameters })} />
    </section>
  );
}
