"""Buy and hold: spends `fraction` of the balance on the first bar and keeps it. What any other strategy has to beat."""

from kmill import BacktestContext, Decimal, IStrategy, Kline


class Strategy(IStrategy):
    def run(self, context: BacktestContext, kline: Kline, params: dict) -> None:
        if context.position == 0:
            spend = context.balance * params.get('fraction', 1.0) / (1 + context.fee_rate)
            # Rounded down, so that cost and fee never exceed the balance in the last digit.
            amount = (spend / kline.close).quantize(Decimal('1e-8'), rounding='ROUND_DOWN')
            context.buy(kline.close, amount, kline.open_time)
