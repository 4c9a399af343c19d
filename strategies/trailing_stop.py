"""Trailing stop: buy while the price is above its average, sell once it has fallen `trail` below the best close since.

on_trade keeps the state of the position, so that it is right whatever made the trade: a buy starts a new best close, a
sell starts a pause of `cooldown` bars.
"""

from kmill import BacktestContext, IStrategy, Kline, calculate_ema


class Strategy(IStrategy):
    def __init__(self):
        super().__init__()
        self.best = 0.0
        self.pause = 0
        self.cooldown = 0

    def on_trade(self, trade: dict) -> None:
        if trade['type'] == 'buy':
            self.best = trade['price']
        else:
            self.pause = self.cooldown

    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        self.cooldown = params.get('cooldown', 12)
        if context.position > 0:
            self.best = max(self.best, kline.close)
            if kline.close < self.best * (1 - params.get('trail', 0.05)):
                context.sell_all(kline.close, kline.open_time)
            return

        if self.pause > 0:
            self.pause -= 1
            return
        average = calculate_ema(self.kline_cache.get_closes(), params.get('trend_period', 40))
        if average is not None and kline.close > average:
            amount = float(context.balance / kline.close) * 0.95
            context.buy(kline.close, amount, kline.open_time)
