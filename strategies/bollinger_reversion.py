"""Mean reversion on Bollinger bands: buy below the lower band, sell when the price is back at the middle.

The bands are written by hand over a deque of the strategy's own, to show state that is not the kline cache's: it holds
`period` closes whatever klineWndSize is. calculate_bollinger(closes, period, k) gives the same bands from the cache.
"""

from collections import deque

from kmill import BacktestContext, IStrategy, Kline


class Strategy(IStrategy):
    def __init__(self):
        super().__init__()
        self.closes = None

    def bands(self, k: float) -> tuple:
        """(lower, middle) of the closes held: mean and k population deviations below it."""
        middle = sum(self.closes) / len(self.closes)
        variance = sum((x - middle) * (x - middle) for x in self.closes) / len(self.closes)
        return middle - k * variance ** 0.5, middle

    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        if self.closes is None:
            self.closes = deque(maxlen=params.get('period', 20))
        self.closes.append(kline.close)
        if len(self.closes) < self.closes.maxlen:
            return

        lower, middle = self.bands(params.get('k', 2.0))
        if context.position == 0:
            if kline.close < lower:
                amount = float(context.balance / kline.close) * 0.95
                context.buy(kline.close, amount, kline.open_time)
            return
        stop = context.get_avg_position_price() * (1 - params.get('stop_loss', 0.1))
        if kline.close > middle or kline.close < stop:
            context.sell_all(kline.close, kline.open_time)
