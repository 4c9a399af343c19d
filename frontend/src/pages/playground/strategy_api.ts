// What a strategy sees, for completion and help in the editor: names and signatures as the document has them, one sentence each.
// A test holds the names and parameters together with strategies/kmill.py.
export type ApiKind = 'class' | 'function' | 'method' | 'property' | 'enum';
export interface ApiEntry {
  name: string;
  owner: string; // class of a member; '' for what needs none
  kind: ApiKind;
  signature: string;
  help: string;
}

type Member = readonly [name: string, kind: ApiKind, signature: string, help: string];
const members = (owner: string, list: readonly Member[]): ApiEntry[] => list.map(([name, kind, signature, help]) => ({ name, owner, kind, signature, help }));

const globals = members('', [
  ['IStrategy', 'class', 'class Strategy(IStrategy)', 'Strategy base class: all strategies inherit from it and implement run.'],
  ['Kline', 'class', 'Kline(open_time, open, high, low, close, volume, close_time)', 'A single candlestick; it cannot be changed and may be kept.'],
  ['KlineCache', 'class', 'KlineCache(kline_wnd_size: int = 50)', 'The last kline_wnd_size klines, oldest first.'],
  ['BacktestContext', 'class', 'BacktestContext', 'Manages account balance, position, orders and fees; run gets it as context.'],
  ['Order', 'class', 'Order(timestamp: str, order_type: OrderType, price: float, amount: float, fee: float = 0, order_side: OrderSide = None)', 'Order data structure, as context.orders lists it.'],
  ['OrderType', 'enum', 'OrderType.BUY | OrderType.SELL', 'Order type enumeration.'],
  ['OrderSide', 'enum', 'OrderSide.LONG | OrderSide.SHORT', 'Order direction; kmill trades spot, so every order is LONG.'],
  ['PositionSide', 'enum', 'PositionSide.LONG | PositionSide.SHORT | PositionSide.BOTH', 'Position direction enumeration.'],
  ['calculate_sma', 'function', 'calculate_sma(data: list, period: int) -> float', 'Simple moving average: the mean of the last period values; None if there are too few.'],
  ['calculate_ema', 'function', 'calculate_ema(data: list, period: int) -> float', 'Exponential moving average over all of data, seeded with the mean of its first period values; None if there are too few.'],
  ['calculate_rsi', 'function', 'calculate_rsi(data: list, period: int = 14) -> float', 'Relative strength index, 0 to 100; None below period + 1 values.'],
  ['calculate_macd', 'function', 'calculate_macd(data: list, fast: int = 12, slow: int = 26, signal: int = 9) -> tuple', '(MACD line, signal line, histogram); three None below slow + signal values.'],
  ['calculate_bollinger', 'function', 'calculate_bollinger(data: list, period: int = 20, k: float = 2.0) -> tuple', '(upper, middle, lower): the mean and k population deviations around it; three None below period values.'],
  ['calculate_atr', 'function', 'calculate_atr(highs: list, lows: list, closes: list, period: int = 14) -> float', 'Average true range: the mean of the last period true ranges; None below period + 1 bars.'],
  ['deque', 'class', 'deque(iterable=(), maxlen=None)', 'collections.deque, there without an import.'],
  ['Decimal', 'class', "Decimal(value='0')", 'decimal.Decimal, there without an import.'],
  ['datetime', 'class', 'datetime.fromisoformat(kline.open_time)', 'datetime.datetime, there without an import; the present time is refused.'],
]);

const strategy = members('IStrategy', [
  ['kline_cache', 'property', 'self.kline_cache: KlineCache', 'The klines up to this one, klineWndSize of them at most.'],
  ['name', 'property', 'self.name: str', 'Strategy name (class name).'],
  ['initialize', 'method', 'def initialize(self, kline_wnd_size: int = 50) -> None', 'Makes the kline cache; called once before the first bar.'],
  ['run', 'method', 'def run(self, context: BacktestContext, kline: Kline, params: dict) -> None', 'The strategy itself: called for each kline.'],
  ['on_trade', 'method', 'def on_trade(self, trade: dict) -> None', 'Called after each trade, before buy or sell returns.'],
  ['on_day_end', 'method', 'def on_day_end(self, date: str, context: BacktestContext) -> None', 'Called after the last bar of each UTC day.'],
]);

const context = members('BacktestContext', [
  ['balance', 'property', 'context.balance: Decimal', 'Available balance (quote asset); mixes with float in arithmetic.'],
  ['position', 'property', 'context.position: Decimal', 'Current position (base asset).'],
  ['initial_balance', 'property', 'context.initial_balance: Decimal', 'Initial balance.'],
  ['fee_rate', 'property', 'context.fee_rate: Decimal', 'Fee rate.'],
  ['trades', 'property', 'context.trades: list', 'Trade history: one dict a trade.'],
  ['orders', 'property', 'context.orders: list[Order]', 'Order history: the accepted orders.'],
  ['equity_curve', 'property', 'context.equity_curve: list', 'Equity points of the bars before this one.'],
  ['max_drawdown', 'property', 'context.max_drawdown: Decimal', 'Maximum drawdown so far, 0 to 1.'],
  ['buy', 'method', 'context.buy(price: float, amount: float, timestamp: str) -> bool', 'Executes a buy order of amount base; False if it is refused.'],
  ['sell', 'method', 'context.sell(price: float, amount: float, timestamp: str) -> bool', 'Executes a sell order of amount base; False if it is refused.'],
  ['sell_all', 'method', 'context.sell_all(price: float, timestamp: str) -> bool', 'Sells exactly the position.'],
  ['get_position_value', 'method', 'context.get_position_value(price: float) -> Decimal', 'Position value in quote.'],
  ['get_equity', 'method', 'context.get_equity(price: float) -> Decimal', 'Total account equity: balance + position value.'],
  ['get_avg_position_price', 'method', 'context.get_avg_position_price() -> float', 'Average buy price of the current position, fees excluded; 0.0 when flat.'],
  ['get_drawdown', 'method', 'context.get_drawdown(current_price: float) -> Decimal', 'Current drawdown ratio, 0 to 1.'],
]);

const kline = members('Kline', [
  ['open_time', 'property', 'kline.open_time: str', 'Opening time, ISO-8601 in UTC.'],
  ['open', 'property', 'kline.open: float', 'Opening price.'],
  ['high', 'property', 'kline.high: float', 'Highest price.'],
  ['low', 'property', 'kline.low: float', 'Lowest price.'],
  ['close', 'property', 'kline.close: float', 'Closing price.'],
  ['volume', 'property', 'kline.volume: float', 'Trading volume (base asset).'],
  ['close_time', 'property', 'kline.close_time: str', 'Closing time, ISO-8601 in UTC.'],
]);

const cache = members('KlineCache', [
  ['append', 'method', 'kline_cache.append(kline: Kline) -> None', 'Adds a kline; the engine does it before each run.'],
  ['get_klines', 'method', 'kline_cache.get_klines() -> list[Kline]', 'All klines in the window, oldest first.'],
  ['get_closes', 'method', 'kline_cache.get_closes() -> list[float]', 'All closing prices in the window, oldest first.'],
  ['get_highs', 'method', 'kline_cache.get_highs() -> list[float]', 'All highest prices in the window, oldest first.'],
  ['get_lows', 'method', 'kline_cache.get_lows() -> list[float]', 'All lowest prices in the window, oldest first.'],
  ['get_volumes', 'method', 'kline_cache.get_volumes() -> list[float]', 'All volumes in the window, oldest first.'],
  ['get_opens', 'method', 'kline_cache.get_opens() -> list[float]', 'All opening prices in the window, oldest first.'],
  ['is_full', 'method', 'kline_cache.is_full() -> bool', 'Whether the window holds klineWndSize klines.'],
]);

const others = [
  ...members('params', [['get', 'method', "params.get('name', default)", "A parameter of this run, or the default; what is read this way is suggested beside the editor."]]),
  ...members('OrderType', [
    ['BUY', 'property', 'OrderType.BUY', 'Buy order.'],
    ['SELL', 'property', 'OrderType.SELL', 'Sell order.'],
  ]),
  ...members('OrderSide', [
    ['LONG', 'property', 'OrderSide.LONG', 'Long position.'],
    ['SHORT', 'property', 'OrderSide.SHORT', 'Short position.'],
  ]),
  ...members('PositionSide', [
    ['LONG', 'property', 'PositionSide.LONG', 'Long position.'],
    ['SHORT', 'property', 'PositionSide.SHORT', 'Short position.'],
    ['BOTH', 'property', 'PositionSide.BOTH', 'Both directions.'],
  ]),
];

export const strategyApi: readonly ApiEntry[] = [...globals, ...strategy, ...context, ...kline, ...cache, ...others];

/** Built-ins that strategies may use, by the document and the contract. */
export const builtins: readonly string[] = (
  'abs max min pow round sum divmod bool float int str list dict set tuple frozenset len range enumerate zip map filter sorted reversed slice ' +
  'iter next all any isinstance print super type hash repr format property staticmethod classmethod object ' +
  'Exception ValueError TypeError KeyError IndexError RuntimeError StopIteration NotImplementedError ZeroDivisionError ArithmeticError ' +
  'OverflowError AttributeError NameError AssertionError LookupError'
).split(' ');

/** Whose members stand after `text.`: by the names that the document uses; '' where it is not known. */
export function ownerOf(text: string): string {
  if (/(^|[^\w.])self\.kline_cache$/.test(text) || /(^|\W)(kline_)?cache$/.test(text)) return 'KlineCache';
  if (/(^|[^\w.])self$/.test(text)) return 'IStrategy';
  if (/(^|[^\w.])context$/.test(text)) return 'BacktestContext';
  if (/(^|[^\w.])(kline|candle|bar)$/.test(text)) return 'Kline';
  if (/(^|[^\w.])params$/.test(text)) return 'params';
  return /(^|[^\w.])(OrderType|OrderSide|PositionSide)$/.exec(text)?.[2] ?? '';
}

export const membersOf = (owner: string): ApiEntry[] => strategyApi.filter((entry) => entry.owner === owner);

/** The entry of a word with what stands before its dot; where that says nothing, the only member of that name. */
export function entryOf(word: string, before: string | null): ApiEntry | undefined {
  if (before === null) return strategyApi.find((entry) => entry.name === word && (entry.owner === '' || (entry.owner === 'IStrategy' && entry.kind === 'method')));
  const owner = ownerOf(before);
  if (owner) return strategyApi.find((entry) => entry.owner === owner && entry.name === word);
  const candidates = strategyApi.filter((entry) => entry.name === word && entry.owner !== '' && word.includes('_'));
  return candidates.length === 1 ? candidates[0] : undefined;
}
