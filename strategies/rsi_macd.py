"""RSI and MACD: buy on an upward MACD cross while the RSI is low, sell on a downward cross while it is high.

The document's version divides a Decimal by a float (kmill's amounts of money allow that, a plain Decimal raises) and
wants RSI < 35 on the very bar of the upward cross, while a cross comes after the turn, when the RSI has recovered: on
37,923 hours of BTCUSDT it made 127 trades, this one 1,176. Here the RSI only has to have been low (or high) within the
last `patience` bars, and the periods are parameters instead of being bound to the 35 closes of the defaults.
"""

from collections import deque

from kmill import BacktestContext, IStrategy, Kline, calculate_macd, calculate_rsi


class Strategy(IStrategy):
    def __init__(self):
        super().__init__()
        self.recent_rsi = None
        self.histogram_before = None

    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        if self.recent_rsi is None:
            self.recent_rsi = deque(maxlen=params.get('patience', 10))
        closes = self.kline_cache.get_closes()
        rsi = calculate_rsi(closes, params.get('rsi_period', 14))
        _, _, histogram = calculate_macd(closes, params.get('fast', 12), params.get('slow', 26),
                                         params.get('signal', 9))
        if rsi is None or histogram is None:
            return

        self.recent_rsi.append(rsi)
        before, self.histogram_before = self.histogram_before, histogram
        if before is None:
            return
        if context.position == 0:
            if before <= 0 < histogram and min(self.recent_rsi) < params.get('oversold', 35):
                amount = float(context.balance / kline.close) * 0.95
                context.buy(kline.close, amount, kline.open_time)
        elif before >= 0 > histogram and max(self.recent_rsi) > params.get('overbought', 65):
            context.sell_all(kline.close, kline.open_time)
