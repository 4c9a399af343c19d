"""What a profile-guided CPython is trained on (KMILL_PGO=1): the operations strategies consist of."""
from collections import deque
from datetime import datetime
from decimal import Decimal


class Candle:
    __slots__ = ("open_time", "close")

    def __init__(self, open_time, close):
        self.open_time = open_time
        self.close = close


class Cross:
    def __init__(self):
        self.window = deque(maxlen=50)
        self.balance = Decimal("10000")
        self.position = Decimal(0)

    def run(self, candle, params):
        self.window.append(candle.close)
        closes = list(self.window)
        slow = params.get("slow_period", 20)
        if len(closes) < slow + 1:
            return
        fast_now = sum(closes[-params["fast_period"]:]) / params["fast_period"]
        slow_now = sum(closes[-slow:]) / slow
        highest, lowest = max(closes), min(closes)
        if fast_now > slow_now and self.position == 0:
            amount = Decimal(repr(float(self.balance) * 0.5 / candle.close))
            self.balance -= amount * Decimal(repr(candle.close))
            self.position += amount
        elif fast_now < slow_now and self.position > 0 and highest > lowest:
            self.balance += self.position * Decimal(repr(candle.close)) * Decimal("0.999")
            self.position = Decimal(0)
        if candle.open_time % 24 == 0:
            datetime.fromisoformat("2024-01-01T00:00:00+00:00").isoformat()


state = 42
for fast in range(2, 18):
    strategy = Cross()
    price = 100.0
    for hour in range(8000):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        price = max(1.0, price * (1.0 + (state / 2**64 - 0.5) / 50))
        try:
            strategy.run(Candle(hour, round(price, 8)), {"fast_period": fast, "slow_period": 20})
        except ZeroDivisionError as problem:
            print(f"{problem!s:>10}")
