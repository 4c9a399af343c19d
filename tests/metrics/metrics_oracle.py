"""The metrics a second time, straight from the formulas in kmill/metrics.h, with math.fsum instead of running sums.

    metrics_oracle.py CASES SEED

Prints per case: "case" initial interval_per_year interval_ms begin n; "bar" open close (one a bar, from bar 0 on, `begin` of them before the range);
"trade" bar after_close side price amount; "metric" name value (repr) for every metric; "end". The account is the contract's: 28-digit decimals,
average cost, fees of both sides in a round's profit. Equity points are doubles."""
import math
import random
import sys
from decimal import Decimal, localcontext

FEE = Decimal("0.001")
INTERVALS = {"1m": 60000, "1h": 3600000, "1d": 86400000}
NAN = math.nan


class Account:
    def __init__(self, initial):
        self.balance, self.position = Decimal(initial), Decimal(0)
        self.cost = self.cost_fee = self.fees = Decimal(0)
        self.rounds, self.trades, self.entry = [], [], None

    def trade(self, bar, after_close, side, price, amount):
        price, amount = Decimal(repr(price)), Decimal(repr(amount))
        value = price * amount
        fee = value * FEE
        if side == "buy":
            if value + fee > self.balance or amount <= 0:
                return False
            if self.position == 0:
                self.entry = bar
            self.balance -= value + fee
            self.position += amount
            self.cost += value
            self.cost_fee += fee
        else:
            if amount > self.position or amount <= 0:
                return False
            is_all = amount == self.position
            cost = self.cost if is_all else self.cost * amount / self.position
            cost_fee = self.cost_fee if is_all else self.cost_fee * amount / self.position
            base = cost + cost_fee
            self.cost -= cost
            self.cost_fee -= cost_fee
            self.position -= amount
            self.balance += value - fee
            self.rounds.append((value - fee - base, base, bar - self.entry))
        self.fees += fee
        self.trades.append((bar, after_close, side, self.position > 0))
        return True


def mean(values):
    return math.fsum(values) / len(values) if values else NAN


def deviation(values):
    if len(values) < 2:
        return NAN
    m = mean(values)
    sd = math.sqrt(math.fsum((v - m) ** 2 for v in values) / (len(values) - 1))
    return 0.0 if sd <= 1e-12 * abs(m) else sd


def ratio(a, b):
    return a / b if b and not math.isnan(b) else NAN


def returns_of(values, before):
    out = []
    for v in values:
        out.append(v / before - 1.0 if before else 0.0)
        before = v
    return out


def growth(last, initial, power):
    """40 digits: in doubles the power would magnify the quotient's rounding by up to 525,600."""
    if last <= 0:
        return NAN
    with localcontext(prec=40):
        rate = (Decimal(last) / Decimal(initial)) ** Decimal(power) - 1
    return float(rate) if abs(rate) < Decimal(sys.float_info.max) else NAN


def drawdown_part(m, initial, equity, times):
    peak, at, squares, found = initial, 0, [], []
    current = None
    for i, e in enumerate(equity):
        if e >= peak:
            if current:
                found.append((current[0], times[i] - times[current[1]]))
                current = None
            peak, at = e, i
        else:
            depth = (peak - e) / peak
            current = (max(depth, current[0]) if current else depth, at)
        squares.append(((peak - e) / peak) ** 2)
    if current:
        found.append((current[0], times[-1] - times[current[1]]))
    m["peakEquity"] = max([initial, *equity])
    m["maxDrawdown"] = max([d for d, _ in found], default=0.0)
    m["averageDrawdown"] = mean([d for d, _ in found]) if found else 0.0
    m["maxDrawdownDuration"] = max([t for _, t in found], default=0)
    m["averageDrawdownDuration"] = mean([t for _, t in found]) if found else 0
    m["ulcerIndex"] = math.sqrt(mean(squares))


def return_part(m, r, b, per_year):
    n, root, sd, average = len(r), math.sqrt(per_year), deviation(r), mean(r)
    gains, losses = math.fsum(x for x in r if x > 0), math.fsum(-x for x in r if x < 0)
    m["volatility"] = sd * root
    m["sharpe"] = ratio(average, sd) * root
    downside = math.sqrt(math.fsum(min(x, 0) ** 2 for x in r) / n)
    m["sortino"] = ratio(average, downside) * root
    m["omega"] = ratio(gains, losses)
    m2, m3, m4 = (mean([(x - average) ** k for x in r]) for k in (2, 3, 4))
    flat = math.sqrt(m2) <= 1e-12 * abs(average)
    m["skew"] = NAN if flat else m3 / m2 ** 1.5
    m["kurtosis"] = NAN if flat else m4 / m2 ** 2 - 3
    benchmark_mean = mean(b)
    variance = math.fsum((y - benchmark_mean) ** 2 for y in b)
    no_benchmark = n < 2 or deviation(b) == 0
    beta = NAN if no_benchmark else math.fsum((x - average) * (y - benchmark_mean) for x, y in zip(r, b)) / variance
    m["beta"], m["alpha"] = beta, (average - beta * benchmark_mean) * per_year
    m["var95"] = m["cvar95"] = NAN
    if n >= 20:
        ordered, h = sorted(r), 0.05 * (n - 1)
        k = int(h)
        q = ordered[k] + (h - k) * (ordered[k + 1] - ordered[k])
        m["var95"], m["cvar95"] = -q, -mean([x for x in r if x <= q])


def longest(flags, wanted):
    best = run = 0
    for flag in flags:
        run = run + 1 if flag == wanted else 0
        best = max(best, run)
    return best


def round_part(m, account, begin, n, step):
    rounds = account.rounds
    profits = [float(p) for p, _, _ in rounds]
    rates = [float(p / base) for p, base, _ in rounds]
    wins, losses = [p for p in profits if p > 0], [p for p in profits if p <= 0]
    times = [t * step for _, _, t in rounds]
    w = len(wins) / len(profits) if profits else 0
    m["buys"], m["sells"] = len(account.trades) - len(rounds), len(rounds)
    m["winRate"], m["averageWin"], m["averageLoss"] = w, mean(wins), mean(losses)
    m["bestTrade"], m["worstTrade"] = max(rates, default=NAN), min(rates, default=NAN)
    m["averageTrade"], m["expectancy"] = mean(rates), mean(profits)
    m["maxTradeDuration"], m["averageTradeDuration"] = max(times, default=NAN), mean(times)
    m["profitFactor"] = ratio(math.fsum(wins), -math.fsum(losses)) if losses else NAN
    m["kelly"] = w - (1 - w) / (mean(wins) / -mean(losses)) if wins and mean(losses) < 0 else NAN
    sd = deviation(profits)
    m["sqn"] = math.sqrt(len(profits)) * mean(profits) / sd if len(profits) > 1 and sd else NAN
    flags = [p > 0 for p in profits]
    m["maxConsecutiveWins"], m["maxConsecutiveLosses"] = longest(flags, True), longest(flags, False)
    held = 0
    for i in range(begin, begin + n):
        before = [t for t in account.trades if t[0] < i or (t[0] == i and not t[1])]
        held += bool(before) and before[-1][3]
    m["exposure"] = held / n


def prices(rng, n):
    kind, price, out = rng.randrange(5), rng.choice([1.0, 0.00002853, 43000.0]), []
    for _ in range(n):
        if kind == 0:
            move = 0.0
        elif kind == 1:
            move = rng.choice([-0.01, 0.0, 0.01])
        else:
            move = rng.gauss(0.0002, 0.01 if kind < 4 else 0.2)
        opening = price
        price = max(round(price * math.exp(move), 10), 1e-8)
        out.append((opening, price))
    return out


def case(rng, number):
    name = rng.choice(list(INTERVALS))
    step = INTERVALS[name]
    per_year = 365 * 86400000 / step
    begin = rng.choice([0, 0, 7])
    n = [1, 2, 3, 19, 20, 21][number] if number < 6 else rng.choice([25, 100, 500, 9000 if number % 40 == 6 else 300])
    bars = prices(rng, begin + n)
    initial = rng.choice([10000, 1])
    account, equity = Account(initial), []
    print("case", initial, name, begin, n)
    for opening, close in bars:
        print("bar", repr(opening), repr(close))
    activity = rng.choice([0.0, 0.02, 0.3, 0.9])
    for i in range(begin, begin + n):
        price = bars[i][1]
        for after_close in (0, 1):
            if after_close:
                equity.append(float(account.balance) + float(account.position) * price)
            if rng.random() < activity / (1 + 3 * after_close):
                side = rng.choice(["buy", "sell"])
                most = float(account.balance) / price * 0.99 if side == "buy" else float(account.position)
                whole = side == "sell" and rng.random() < 0.6
                amount = most if whole else float(f"{most * rng.random():.8g}")
                if whole and Decimal(repr(amount)) > account.position:
                    continue
                if account.trade(i, after_close, side, price, amount):
                    print("trade", i, after_close, side, repr(price), repr(amount))
    m = {}
    times = [i * step for i in range(n)]
    last = Decimal(repr(bars[-1][1]))
    final = account.balance + account.position * last
    m["initialBalance"], m["finalBalance"], m["profit"] = initial, float(final), float(final - initial)
    m["profitRate"], m["totalTrades"] = float((final - initial) / initial), len(account.trades)
    m["baseAsset"], m["quoteAsset"], m["baseFee"] = float(account.position), float(account.balance), 0
    m["quoteFee"], m["refusedOrders"], m["priceOutside"] = float(account.fees), 0, 0
    m["start"], m["end"], m["bars"] = begin * step, (begin + n) * step - 1, n
    m["duration"] = m["end"] - m["start"]
    m["buyHoldReturn"] = bars[-1][1] / bars[begin][0] - 1
    drawdown_part(m, initial, equity, times)
    return_part(m, returns_of(equity, initial), returns_of([c for _, c in bars[begin:]], bars[begin][0]), per_year)
    round_part(m, account, begin, n, step)
    m["cagr"] = growth(equity[-1], initial, per_year / n)
    m["calmar"], m["recoveryFactor"] = ratio(m["cagr"], m["maxDrawdown"]), ratio(m["profitRate"], m["maxDrawdown"])
    for key, value in m.items():
        print("metric", key, repr(float(value)))
    print("end")


if __name__ == "__main__":
    source = random.Random(int(sys.argv[2]))
    for which in range(int(sys.argv[1])):
        case(source, which)
