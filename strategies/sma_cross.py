"""Moving-average cross: all in when the fast average crosses above the slow one, all out when it crosses below.

The same example in the document this project implements returns only below slow_period closes. With exactly slow_period
of them, closes[:-1] is one short, calculate_sma gives None there, and comparing None with a float ends the run. So one
more close is waited for. The window, too, must hold slow_period + 1 closes: see klineWndSize in configs/sma_cross.yaml.
"""

from kmill import BacktestContext, IStrategy, Kline, calculate_sma


class Strategy(IStrategy):
    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        fast_period = params.get('fast_period', 10)
        slow_period = params.get('slow_period', 30)
        closes = self.kline_cache.get_closes()
        if len(closes) <= max(fast_period, slow_period):
            return

        before = closes[:-1]
        fast = calculate_sma(closes, fast_period)
        slow = calculate_sma(closes, slow_period)
        fast_before = calculate_sma(before, fast_period)
        slow_before = calculate_sma(before, slow_period)

        if fast > slow and fast_before <= slow_before:
            if context.position == 0:
                amount = float(context.balance / kline.close) * params.get('fraction', 0.95)
                context.buy(kline.close, amount, kline.open_time)
        elif fast < slow and fast_before >= slow_before:
            if context.position > 0:
                context.sell_all(kline.close, kline.open_time)
