"""Random accounts for test_ledger.c, computed with the standard library's decimals. Argument: how many accounts.

A second implementation, written from the contract ("Money is exact") and not from the C code. Lines:
  N initial fee_rate slippage_bp price_check          a new account
  O bar low high                                      the bar that the next lines belong to
  B|S price amount accepted ...state                  an order; A price accepted ...state for sell_all
  Q price position_value equity average drawdown      queries
  M close equity peak max_drawdown                    an equity point
State: the last trade's price amount fee balance position total_value profit (doubles as hex), then the exact balance,
position and quote_fee as str, then refused_orders price_outside sells winning_sells.
"""

import random
import sys
from decimal import Decimal, getcontext

getcontext().prec = 28
draw = random.Random(77)


class Account:
    def __init__(self):
        self.initial = draw.choice((Decimal(10000), Decimal("1E+6"), Decimal("123.45678901"), Decimal("10000.0")))
        self.rate = draw.choice((Decimal("0.001"), Decimal(0), Decimal("0.00075"), Decimal("0.1")))
        self.slippage = draw.choice((Decimal(0), Decimal("0.0"), Decimal(5), Decimal("12.5"), Decimal(300)))
        self.check = draw.randrange(3)
        self.cash, self.held, self.fees = self.initial, Decimal(0), Decimal(0)
        self.paid, self.paid_fees = Decimal(0), Decimal(0)
        self.refused = self.outside = self.sells = self.wins = 0
        self.last = ["0x0.0p+0"] * 7
        self.peak, self.worst = float(self.initial), 0.0
        print("N", self.initial, self.rate, self.slippage, self.check)

    def slipped(self, price, direction):
        if self.slippage == 0:
            return price * 1
        return price * (1 + direction * (self.slippage / 10000))

    def order(self, buying, price, amount):
        """True if accepted."""
        if price <= 0 or amount <= 0:
            return False
        price = self.slipped(price, 1 if buying else -1)
        if self.check and not Decimal(repr(self.low)) <= price <= Decimal(repr(self.high)):
            self.outside += 1
            if self.check == 2:
                return False
        turnover = price * amount
        fee = turnover * self.rate
        profit = Decimal(0)
        if buying:
            if self.cash < turnover + fee:
                return False
            self.cash = self.cash - (turnover + fee)
            self.held += amount
            self.paid += turnover
            self.paid_fees += fee
        else:
            if self.held < amount:
                return False
            whole = self.held == amount
            share = self.paid if whole else self.paid * amount / self.held
            share_fees = self.paid_fees if whole else self.paid_fees * amount / self.held
            profit = turnover - fee - share - share_fees
            self.cash = self.cash + (turnover - fee)
            self.held -= amount
            self.paid -= share
            self.paid_fees -= share_fees
            self.sells += 1
            self.wins += profit > 0
        self.fees += fee
        value = self.cash + self.held * price
        self.last = [float(x).hex() for x in (price, amount, fee, self.cash, self.held, value, profit)]
        return True

    def tell(self, *start):
        print(*start, *self.last, self.cash, self.held, self.fees, self.refused, self.outside, self.sells, self.wins)

    def trade(self, price, close):
        kind = draw.choice("BBSSA")
        if kind == "A":
            accepted = self.order(False, price, self.held)
            self.refused += not accepted
            self.tell("A", price, int(accepted))
            return
        if kind == "B":
            amount = Decimal(repr(float(self.cash) / close * draw.choice((0.05, 0.3, 0.95, 0.999, 1.0, 1.2))))
        elif self.held and draw.random() < 0.2:
            amount = self.held * draw.choice((1, 2))
        else:
            amount = Decimal(repr(float(self.held) * draw.choice((0.1, 0.5, 0.25, 1.0, 1.0000001))))
        if draw.random() < 0.05:
            amount = draw.choice((Decimal(0), -amount, Decimal("-0.0")))
        accepted = self.order(kind == "B", price, amount)
        self.refused += not accepted
        self.tell(kind, price, amount, int(accepted))

    def query(self, price):
        value = self.held * price
        equity = self.cash + value
        peak = max(Decimal(repr(self.peak)), equity)
        average = float(self.paid / self.held) if self.held else 0.0
        print("Q", price, value, equity, average.hex(), (peak - equity) / peak)

    def mark(self, close):
        equity = float(self.cash) + float(self.held) * close
        self.peak = max(self.peak, equity)
        self.worst = max(self.worst, (self.peak - equity) / self.peak)
        print("M", close.hex(), equity.hex(), self.peak.hex(), self.worst.hex())


def run():
    account = Account()
    scale, digits = draw.choice(((30000.0, 2), (0.00002853, 8), (1.5, 4), (250.0, 17)))
    close = scale
    for bar in range(draw.randrange(5, 120)):
        close = max(round(close * draw.uniform(0.9, 1.11), digits), 10.0**-digits)
        account.low, account.high = round(close * 0.98, digits), round(close * 1.02, digits)
        print("O", bar, account.low.hex(), account.high.hex())
        for _ in range(draw.choice((0, 1, 1, 3))):
            price = draw.choice((close, close, account.low, account.high, close * 1.03, close * 0.5))
            if draw.random() < 0.03:
                price = -price
            account.trade(Decimal(repr(price)), close)
        account.query(Decimal(repr(close)))
        account.mark(close)


for _ in range(int(sys.argv[1])):
    run()
