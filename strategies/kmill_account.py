"""kmill_account.py: the numbers and the account behind kmill.py, which is where to start reading.

The problem: money must be exact and the same on every machine. So every figure of the account is a decimal of 28
digits, rounded half to even at each operation, computed in a decimal context that the strategy cannot reach. The
order of the operations below is the contract: the C engine computes in the same order, digit for digit.
"""

import decimal
from decimal import Decimal

# ---- numbers ---------------------------------------------------------------------------------------------------

# Ledger arithmetic: 28 significant digits whatever the strategy does to its own getcontext(). The exponent range is the
# widest there is: operands are limited below, so nothing overflows or underflows.
LEDGER = decimal.Context(prec=28, rounding=decimal.ROUND_HALF_EVEN, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX,
                         capitals=1, clamp=0, flags=[],
                         traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow])
OPERAND_DIGITS = 38
OPERAND_EXPONENT = 100_000


def exact(x: float) -> Decimal:
    """The decimal a float stands for: its shortest repr, 0.1 -> Decimal('0.1')."""
    return Decimal(float.__repr__(x))


def operand(name: str, value) -> Decimal:
    """A price or amount as the ledger takes it: float by repr, int and Decimal exactly; may be NaN or infinite.

    TypeError for anything else (str and bool too); ValueError beyond what the ledger's decimals hold.
    """
    if isinstance(value, float):
        return exact(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError(f'{name} must be a float, an int or a Decimal, not {type(value).__name__}')
    number = Decimal(value)
    if number.is_finite():
        if len(number.as_tuple().digits) > OPERAND_DIGITS:
            raise ValueError(f'{name} has more than {OPERAND_DIGITS} significant digits')
        if abs(number.adjusted()) > OPERAND_EXPONENT:
            raise ValueError(f'{name} is beyond 10^{OPERAND_EXPONENT} or 10^-{OPERAND_EXPONENT}')
    return number


def finite_operand(name: str, value) -> Decimal:
    """As operand(), and NaN and infinities are a ValueError."""
    number = operand(name, value)
    if not number.is_finite():
        raise ValueError(f'{name} must be finite, not {number}')
    return number


def is_number(value) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


class Money(Decimal):
    """What a BacktestContext hands out: a Decimal that also mixes with float in arithmetic and comparison.

    A float operand counts as Decimal(repr(x)). Results of arithmetic, round(x, n), quantize and sqrt are Money
    again. All else is Decimal's: the strategy's own decimal context applies, ordering against NaN raises,
    repr is Decimal('...'), hash is Decimal's.
    """

    __slots__ = ()
    __hash__ = Decimal.__hash__


def _as_money(result):
    if isinstance(result, Decimal):
        return Money(result)
    if isinstance(result, tuple):  # divmod
        return tuple(Money(x) for x in result)
    return result  # NotImplemented, or the int of round(x)


def _mixing(name: str, wrap):
    plain = getattr(Decimal, name)

    def method(self, *operands, **options):
        return wrap(plain(self, *(exact(x) if isinstance(x, float) else x for x in operands), **options))

    method.__name__ = name
    return method


for _name in ('add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'divmod', 'pow'):
    setattr(Money, f'__{_name}__', _mixing(f'__{_name}__', _as_money))
    setattr(Money, f'__r{_name}__', _mixing(f'__r{_name}__', _as_money))
for _name in ('__neg__', '__pos__', '__abs__', '__round__'):
    setattr(Money, _name, _mixing(_name, _as_money))
for _name in ('__eq__', '__ne__', '__lt__', '__le__', '__gt__', '__ge__'):
    setattr(Money, _name, _mixing(_name, lambda result: result))


def _quantize(self, *arguments, **options):
    return Money(Decimal.quantize(self, *arguments, **options))


def _sqrt(self, *arguments, **options):
    return Money(Decimal.sqrt(self, *arguments, **options))


Money.quantize, Money.sqrt = _quantize, _sqrt

# ---- the account -----------------------------------------------------------------------------------------------


class Ledger:
    """The account of one run, exact: every figure is a Decimal of 28 digits, rounded half to even at each operation.

    buy(), sell() return the trade record, or None for a refused order, which changes nothing but the counters.
    """

    def __init__(self, initial_balance, fee_rate, slippage_bp, price_check: str):
        self.initial_balance = finite_operand('initial_balance', initial_balance)
        self.fee_rate = finite_operand('fee_rate', fee_rate)
        slippage_bp = finite_operand('slippage', slippage_bp)
        if self.initial_balance <= 0 or self.fee_rate < 0 or slippage_bp < 0:
            raise ValueError('initial_balance must be above 0, fee_rate and slippage at least 0')
        if slippage_bp >= 10_000:
            raise ValueError('slippage must be less than 10000 basis points')
        if price_check not in ('off', 'count', 'refuse'):
            raise ValueError(f'price_check must be off, count or refuse, not {price_check}')
        with decimal.localcontext(LEDGER):
            # Without slippage the factor is a bare 1, so that a price keeps its digits (12.50 stays 12.50).
            self.buy_factor = 1 + slippage_bp / 10_000 if slippage_bp else Decimal(1)
            self.sell_factor = 1 - slippage_bp / 10_000 if slippage_bp else Decimal(1)
        self.price_check = price_check
        self.balance = self.initial_balance
        self.position = self.quote_fee = Decimal(0)
        self.cost = self.cost_fee = Decimal(0)  # of the position held now: cost without fees, and the buy fees on it
        self.peak_equity = float(self.initial_balance)
        self.max_drawdown = 0.0
        self.trades = []
        self.equity_curve = []
        self.refused_orders = self.price_outside = self.sells = self.winning_sells = 0

    def buy(self, price: Decimal, amount: Decimal, timestamp: str, kline):
        with decimal.localcontext(LEDGER):
            price = self._effective_price(price, amount, self.buy_factor, kline)
            if price is None:
                return self._refuse()
            cost = price * amount
            fee = cost * self.fee_rate
            if not self.balance >= cost + fee:
                return self._refuse()
            self.balance -= cost + fee
            self.position += amount
            self.cost += cost
            self.cost_fee += fee
            self.quote_fee += fee
            return self._record(timestamp, 'buy', price, amount, fee, Decimal(0))

    def sell(self, price: Decimal, amount: Decimal, timestamp: str, kline):
        with decimal.localcontext(LEDGER):
            price = self._effective_price(price, amount, self.sell_factor, kline)
            if price is None or not self.position >= amount:
                return self._refuse()
            revenue = price * amount
            fee = revenue * self.fee_rate
            if amount == self.position:
                cost, cost_fee = self.cost, self.cost_fee
            else:
                cost = self.cost * amount / self.position
                cost_fee = self.cost_fee * amount / self.position
            profit = revenue - fee - cost - cost_fee
            self.balance += revenue - fee
            self.position -= amount
            self.cost -= cost
            self.cost_fee -= cost_fee
            self.quote_fee += fee
            self.sells += 1
            self.winning_sells += profit > 0
            return self._record(timestamp, 'sell', price, amount, fee, profit)

    def _effective_price(self, price, amount, factor, kline):
        """The price after slippage, checked; None if the order cannot be."""
        if not (price.is_finite() and amount.is_finite() and price > 0 and amount > 0):
            return None
        price = price * factor
        outside = price < exact(kline.low) or price > exact(kline.high)
        if outside and self.price_check != 'off':
            self.price_outside += 1
            if self.price_check == 'refuse':
                return None
        return price

    def _refuse(self):
        self.refused_orders += 1

    def _record(self, timestamp, kind, price, amount, fee, profit):
        trade = {
            'timestamp': timestamp, 'type': kind, 'price': float(price), 'amount': float(amount),
            'balance': float(self.balance), 'fee': float(fee), 'position': float(self.position),
            'totalValue': float(self.balance + self.position * price), 'profit': float(profit),
        }
        self.trades.append(trade)
        return trade

    def mark(self, kline) -> dict:
        """The equity point of a bar, in doubles."""
        balance, position = float(self.balance), float(self.position)
        equity = balance + position * kline.close
        if equity > self.peak_equity:
            self.peak_equity = equity
        else:
            self.max_drawdown = max(self.max_drawdown, (self.peak_equity - equity) / self.peak_equity)
        point = {'timestamp': kline.open_time, 'equity': equity, 'balance': balance, 'position': position}
        self.equity_curve.append(point)
        return point

    def position_value(self, price: Decimal) -> Decimal:
        return LEDGER.multiply(self.position, price)

    def equity(self, price: Decimal) -> Decimal:
        return LEDGER.add(self.balance, self.position_value(price))

    def drawdown(self, price: Decimal) -> Decimal:
        equity = self.equity(price)
        peak = max(exact(self.peak_equity), equity)
        return LEDGER.divide(LEDGER.subtract(peak, equity), peak)

    def average_price(self) -> float:
        return float(LEDGER.divide(self.cost, self.position)) if self.position else 0.0

    def result(self, last_close: Decimal) -> dict:
        """The document's result object: exact figures, rounded to doubles once."""
        final = self.equity(last_close)
        profit = LEDGER.subtract(final, self.initial_balance)
        return {
            'initialBalance': float(self.initial_balance),
            'finalBalance': float(final),
            'profit': float(profit),
            'profitRate': float(LEDGER.divide(profit, self.initial_balance)),
            'maxDrawdown': self.max_drawdown,
            'totalTrades': len(self.trades),
            'winRate': self.winning_sells / self.sells if self.sells else 0.0,
            'baseAsset': float(self.position),
            'quoteAsset': float(self.balance),
            'baseFee': 0.0,
            'quoteFee': float(self.quote_fee),
            'trades': self.trades,
            'equityCurve': self.equity_curve,
        }
