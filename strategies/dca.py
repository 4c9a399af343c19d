"""Dollar-cost averaging: buy for the same sum every few days, at the day's last close, whatever the price.

Buys in on_day_end, which gets no kline: the last one of the cache is the day's last. A rise of `take_profit` over the
average price sells everything, and the buying starts anew; 0 means never.
"""

from kmill import BacktestContext, IStrategy, Kline


class Strategy(IStrategy):
    def __init__(self):
        super().__init__()
        self.params = {}
        self.days = 0

    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        self.params = params
        take_profit = params.get('take_profit', 0.0)
        if take_profit > 0 and context.position > 0:
            if kline.close > context.get_avg_position_price() * (1 + take_profit):
                context.sell_all(kline.close, kline.open_time)

    def on_day_end(self, date: str, context: BacktestContext) -> None:
        self.days += 1
        if self.days % self.params.get('every_days', 7) != 0:
            return
        spend = self.params.get('spend', 100.0)
        if context.balance < spend * (1 + context.fee_rate):
            return
        last = self.kline_cache.get_klines()[-1]
        context.buy(last.close, spend / last.close, last.close_time)
