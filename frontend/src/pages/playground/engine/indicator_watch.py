"""Indicators that never had enough data in a run, as the engine reports them (src/strategy/shortage.c): the most frequent
reason why a strategy does nothing at all, and silent otherwise. kmill's functions are wrapped for one run's module.
"""

import functools
import inspect

# What counts as the period, and how many values more than it are needed.
INDICATORS = {
    'calculate_sma': ('period', lambda found: 0),
    'calculate_ema': ('period', lambda found: 0),
    'calculate_rsi': ('period', lambda found: 1),
    'calculate_macd': ('slow', lambda found: found['signal']),
    'calculate_bollinger': ('period', lambda found: 0),
    'calculate_atr': ('period', lambda found: 1),
}
ENTRIES_MAX = 32  # as the engine


def is_short(value):
    return value is None or (isinstance(value, tuple) and value[0] is None)


class IndicatorWatch:
    def __init__(self, kmill):
        self.missing = {}  # (indicator, period) -> values needed
        self.open = set()  # those of them that have not had a value since
        self.any_value = False
        for name in INDICATORS:
            setattr(kmill, name, self._watched(name, getattr(kmill, name)))

    def _watched(self, name, function):
        signature = inspect.signature(function)
        period_name, extra = INDICATORS[name]

        @functools.wraps(function)
        def indicator(*arguments, **options):
            value = function(*arguments, **options)
            short = is_short(value)
            self.any_value = self.any_value or not short
            if short or self.open:
                bound = signature.bind(*arguments, **options)
                bound.apply_defaults()
                period = bound.arguments[period_name]
                self._note((name, period), short, period + extra(bound.arguments))
            return value
        return indicator

    def _note(self, key, short, needed):
        if not short:
            self.open.discard(key)
        elif key not in self.missing and len(self.missing) < ENTRIES_MAX:
            self.missing[key] = needed
            self.open.add(key)

    def warnings(self, params, klines, any_order):
        window = params.get('klineWndSize', 50)
        own = {name: value for name, value in params.items() if name != 'klineWndSize' and type(value) is int}
        if self.missing or self.any_value or any_order:
            return [self._warning(key, needed, own, window, klines) for key, needed in self.missing.items() if key in self.open]
        return [f'{name} {value} never fits klineWndSize {window}' for name, value in own.items() if value > window]

    @staticmethod
    def _warning(key, needed, own, window, klines):
        indicator, period = key
        names = [name for name, value in own.items() if value == period]
        said = f'{names[0]} {period}' if len(names) == 1 else f'{indicator} of period {period}'
        if needed != period:
            said += f' ({needed} values)'
        if needed > window:
            return f'{said} never fits klineWndSize {window}'
        return f'{said} never fits the {klines} klines there are' if needed > klines else f'{said} never had enough data'
