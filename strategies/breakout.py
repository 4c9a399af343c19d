"""Breakout: buy on a close above the highest high of the bars before, leave by stop loss, take profit or a break down.

The document's version never trades: its window includes the bar that is compared, and no close is above a highest high
that counts the bar's own high. Here the window ends with the bar before.
"""

from kmill import BacktestContext, IStrategy, Kline


class Strategy(IStrategy):
    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        lookback = params.get('lookback', 20)
        cache = self.kline_cache
        if len(cache) <= lookback:
            return

        if context.position == 0:
            resistance = max(cache.get_highs()[-lookback - 1:-1])
            if kline.close > resistance:
                amount = float(context.balance / kline.close) * 0.95
                context.buy(kline.close, amount, kline.open_time)
            return

        entry = context.get_avg_position_price()
        support = min(cache.get_lows()[-lookback - 1:-1])
        stop = entry * (1 - params.get('stop_loss', 0.03))
        target = entry * (1 + params.get('take_profit', 0.06))
        if kline.close < stop or kline.close > target or kline.close < support:
            context.sell_all(kline.close, kline.open_time)
