"""Sweeps, runs, curves, trades and analyses, compared with `kmill top`, `show` and `export`, and computed again here."""
import request_table
import server
from market import DAY, HOUR, START, iso, kmill
from request_table import SMALL, quote


class Sweeps(request_table.Table):
    def columns(self, answer):
        return [dict(zip(answer.value["columns"], row)) for row in answer.value["rows"]]

    def same_rows(self, *options, total=None):
        """A check: the page has the rows of `kmill top` with these options."""
        rows = self.market.rows("small", *options)

        def check(answer):
            found = self.columns(answer)
            self.assertEqual([r["run"] for r in found], [r["run"] for r in rows])
            for got, want in zip(found, rows):
                self.assertEqual({k: got[k] for k in want if k in got}, {k: v for k, v in want.items() if k in got})
            if total is not None:
                self.assertEqual(answer.value["total"], total)
        return check

    def test_lists_and_summaries(self):
        def listed(answer):
            found = {s["id"]: (s["state"], s["total"], s["done"], s["failed"], s["own"], s["path"]) for s in answer.value["sweeps"]}
            self.assertEqual(found, {"small": ("complete", 48, 48, 2, False, "small.h5"), "thin": ("complete", 6, 6, 0, False, "thin.h5"),
                                     "bare": ("complete", 6, 6, 0, False, "bare.h5")})
            self.assertEqual(answer.value["sweeps"][0]["id"], "bare")  # newest first
            self.assertEqual(answer.value["sweeps"][-1]["id"], "small")

        def detailed(answer):
            v = answer.value
            best = self.market.rows("small", "--by", "profitRate", "--desc", "--columns", "run,profitRate,period,fraction,label")[0]
            self.assertEqual(v["best"], {"run": best["run"], "value": best["profitRate"],
                                         "params": {"period": best["period"], "fraction": best["fraction"], "label": "plain"}})
            self.assertEqual(v["rank"], {"metric": "profitRate", "direction": "max"})
            self.assertEqual(v["statuses"]["done"], 46)
            self.assertEqual(v["statuses"]["failed"], 2)
            self.assertEqual(v["spec"], (self.market.folder / "small.yaml").read_text(encoding="utf-8"))
            self.assertEqual(v["strategy_source"], self.market.strategy)
            self.assertEqual(v["series"], [{"symbol": "DEMOUSDT", "interval": "1h"}, {"symbol": "SYNTHUSDT", "interval": "1h"}])
            parameters = {p["name"]: p for p in v["parameters"]}
            self.assertEqual(parameters["period"], {"name": "period", "type": "int", "distinct": 8, "minimum": 3, "maximum": 10,
                                                    "constant": False, "values": list(range(3, 11))})
            self.assertEqual(parameters["fraction"]["values"], [0.25, 0.5, 1.0])
            self.assertEqual((parameters["label"]["type"], parameters["label"]["constant"]), ("text", True))
            rates = [r["profitRate"] for r in self.market.rows("small")]
            metric = next(m for m in v["metrics"] if m["name"] == "profitRate")
            self.assertEqual((metric["unit"], metric["better"], metric["minimum"], metric["maximum"], metric["undefined"]),
                             ("ratio", 1, min(rates), max(rates), 0))
            self.assertEqual([s["bars"] for s in v["provenance"]["series"]], [1500, 400])
        self.ask("/api/v1/sweeps", listed)
        self.ask(SMALL, detailed)
        for path in ("", "/runs", "/runs/0", "/heatmap?x=a&y=b", "/distribution", "/importance", "/export", "/events"):
            self.ask("/api/v1/sweeps/smal" + path, (404, "not_found", "id"))
        self.assertIn("small", self.server.get("/api/v1/sweeps/smal").value["detail"])
        self.ask("/api/v1/sweeps/..%2fresults%2fsmall", (404, "not_found", "id"))
        self.ask("/api/v1/sweeps?limit=5", (400, "invalid", "limit"))

    def test_runs(self):
        names = "run,status,symbol,period,fraction,profitRate,maxDrawdown,totalTrades,sharpe"
        base = f"{SMALL}/runs?limit=1000&columns={names}"
        for query, options in {
            "&status=done": ("--by", "profitRate", "--desc"),                                # the sweep ranks by it
            "&status=done&sort=-profitRate": ("--by", "profitRate", "--desc"),
            "&status=done&sort=profitRate": ("--by", "profitRate", "--asc"),
            "&status=done&sort=maxDrawdown": ("--by", "maxDrawdown", "--asc"),
            "&status=done&sort=run": ("--by", "run", "--asc"),
            "&status=done&sort=symbol,period,fraction": ("--by", "symbol,period,fraction", "--asc"),
            "&status=done&sort=-totalTrades,-sharpe": ("--by", "totalTrades,sharpe", "--desc"),
            "&status=done&sort=run&where=totalTrades%20%3E%20100": ("--by", "run", "--asc", "--where", "totalTrades > 100"),
            "&status=done&sort=run&where=period%3D%3D4%20or%20fraction%3C0.5": ("--by", "run", "--asc", "--where", "period==4 or fraction<0.5"),
            "&status=done&sort=run&where=symbol%3D%3D%22SYNTHUSDT%22": ("--by", "run", "--asc", "--where", 'symbol=="SYNTHUSDT"'),
            "&status=done&sort=run&min.period=5&max.period=6": ("--by", "run", "--asc", "--where", "period >= 5 and period <= 6"),
            "&sort=run&min.profitRate=0&status=done": ("--by", "run", "--asc", "--where", "profitRate >= 0"),
            "&sort=run&max.maxDrawdown=0.3&where=period%3C8&status=done": ("--by", "run", "--asc", "--where", "maxDrawdown <= 0.3 and period < 8"),
            "&sort=-profitRate&status=done&where=profitRate%3E5": ("--where", "profitRate > 5"),
            "&sort=-run&status=failed": ("--failed", "--by", "run", "--desc"),
        }.items():
            more = () if "--failed" in options else ("--columns", names)
            self.ask(base + query, self.same_rows(*options, *more))
        everything = self.market.rows("small", "--by", "run", "--asc", "--columns", "run")
        for offset, limit in ((0, 1), (0, 5), (5, 5), (40, 10), (45, 1), (46, 5), (1000000, 5)):
            wanted = [[r["run"]] for r in everything[offset:offset + limit]]
            self.ask(f"{SMALL}/runs?columns=run&sort=run&status=done&offset={offset}&limit={limit}",
                     {"total": 46, "offset": offset, "count": len(wanted), "columns": ["run"], "rows": wanted})
        for query in ("", "?sort=&columns=&where=&status="):  # empty is as left out
            self.ask(f"{SMALL}/runs{query}", lambda a: self.assertEqual((a.value["total"], a.value["count"]), (48, 48)))
        self.ask(f"{SMALL}/runs?columns=run,status&status=failed&sort=run", lambda a: self.assertEqual(
            [r[1] for r in a.value["rows"]], ["failed", "failed"]))
        self.ask(f"{SMALL}/runs?limit=2&sparkline=true&status=done", lambda a: self.assertEqual([len(s) for s in a.value["sparklines"]], [64, 64]))
        self.ask(f"{SMALL}/runs?limit=2&sparkline=false", lambda a: self.assertNotIn("sparklines", a.value))
        self.ask(f"{SMALL}/runs?limit=1&columns=start,end,bars&sort=run", lambda a: self.assertEqual(a.value["rows"][0][2], 1500))

    def test_mistakes(self):
        for query, field in {
            "limit=0": "limit", "limit=1001": "limit", "limit=x": "limit", "offset=-1": "offset", "offset=x": "offset",
            "sort=nothing": "sort", "sort=run,run,run,run": "sort", "columns=run,nothing": "columns",
            "where=period%3E": "where", "where=nothing%3E1": "where", "where=((((((": "where", "where=__import__('os')": "where",
            "status=good": "status", "min.nothing=1": "min.nothing", "min.period=x": "min.period", "max.period=": "max.period",
            "sparkline=maybe": "sparkline", "sortt=run": "sortt", "sort=run&sort=period": "sort",
        }.items():
            self.ask(f"{SMALL}/runs?{query}", (400, "invalid", field))
        for path, wanted in {
            "/runs/48": (404, "not_found", "n"), "/runs/-1": (400, "invalid", "n"), "/runs/x": (400, "invalid", "n"),
            "/runs/99999999999999999999": (400, "invalid", "n"), "/runs/1.0": (400, "invalid", "n"), "/runs/3?x=1": (400, "invalid", "x"),
            "/runs/48/equity": (404, "not_found", "n"), "/runs/48/trades": (404, "not_found", "n"),
            "/runs/3/equity?points=1": (400, "invalid", "points"), "/runs/3/equity?points=x": (400, "invalid", "points"),
            "/runs/3/equity?method=best": (400, "invalid", "method"), "/runs/3/equity?from=x": (400, "invalid", "from"),
            "/runs/3/trades?limit=0": (400, "invalid", "limit"), "/runs/3/trades?from=x": (400, "invalid", "from"),
            "/runs/3/nothing": (404, "not_found", None),
            "/heatmap": (400, "invalid", "x"), "/heatmap?x=period": (400, "invalid", "y"), "/heatmap?x=period&y=period": (400, "invalid", "y"),
            "/heatmap?x=period&y=nothing": (400, "invalid", "y"), "/heatmap?x=nothing&y=period": (400, "invalid", "x"),
            "/heatmap?x=period&y=fraction&metric=nothing": (400, "invalid", "metric"),
            "/heatmap?x=period&y=fraction&agg=best": (400, "invalid", "agg"),
            "/heatmap?x=period&y=fraction&x_bins=201": (400, "invalid", "x_bins"), "/heatmap?x=period&y=fraction&y_bins=-1": (400, "invalid", "y_bins"),
            "/heatmap?x=period&y=fraction&x_bins=auto": (400, "invalid", "x_bins"), "/heatmap?x=period&y=label&y_bins=5": (400, "invalid", "y_bins"),
            "/heatmap?x=symbol&y=label&x_bins=5": (400, "invalid", "x_bins"),
            "/heatmap?x=period&y=fraction&where=%3E": (400, "invalid", "where"),
            "/heatmap?x=period&y=fraction&fixed.nothing=1": (400, "invalid", "fixed.nothing"),
            "/distribution?metric=nothing": (400, "invalid", "metric"), "/distribution?bins=0": (400, "invalid", "bins"),
            "/distribution?bins=1001": (400, "invalid", "bins"), "/importance?metric=nothing": (400, "invalid", "metric"),
            "/importance?metrik=profitRate": (400, "invalid", "metrik"),
            "/export?what=all": (400, "invalid", "what"), "/export?format=xml": (400, "invalid", "format"),
            "/export?run=x": (400, "invalid", "run"), "/export?run=48": (404, "not_found", "run"), "/export?where=%3E": (400, "invalid", "where"),
            "/events?since=x": (400, "invalid", "since"), "/events?since=-1": (400, "invalid", "since"), "/nothing": (404, "not_found", None),
        }.items():
            self.ask(SMALL + path, wanted)

    def test_one_run(self):
        for run, code in ((0, 0), (3, 0), (24, 0), (47, 0), (14, 1)):
            shown = self.market.shown("small", run, code)

            def same(answer, shown=shown, code=code):
                v = answer.value
                for name in ("run", "symbol", "interval", "params", "status", "log", "warnings"):
                    self.assertEqual(v[name], shown[name], name)
                metrics = self.server.contract.document["components"]["schemas"]["MetricName"]["enum"]
                self.assertEqual(v["metrics"], {m: shown[m] for m in metrics})
                if code:
                    self.assertEqual((v["error"]["type"], v["error"]["message"], v["error"]["line"]), ("ValueError", "unlucky period", 5))
                    self.assertEqual(v["error"]["traceback"], shown["error"]["traceback"])
                else:
                    self.assertIsNone(v["error"])
                    self.assertEqual(v["trade_count"], len(shown["trades"]))
                    bars = self.market.hourly if v["symbol"] == "DEMOUSDT" else None
                    if bars:
                        self.assertEqual((v["from"], v["to"]), (iso(bars[0][0]), iso(bars[-1][0])))
                    product = 1
                    for month in v["monthly_returns"]:
                        product *= 1 + month["return"]
                    self.assertAlmostEqual(product - 1, shown["profitRate"], places=9)
            self.ask(f"{SMALL}/runs/{run}", same)

    def test_trades(self):
        shown = self.market.shown("small", 3)["trades"]
        hours = {iso(r[0]): i for i, r in enumerate(self.market.hourly)}
        wanted = [dict(t, bar=hours[t["timestamp"]], time=t["timestamp"]) for t in shown]
        self.assertGreater(len(wanted), 30)
        path, times = f"{SMALL}/runs/3/trades", [t["time"] for t in wanted]

        def page(trades, total=None, offset=0):
            return {"total": len(trades) if total is None else total, "offset": offset, "count": len(trades), "trades": trades}
        self.ask(path + "?limit=10000", page(wanted))
        self.ask(path + "?limit=5", page(wanted[:5], len(wanted)))
        self.ask(path + "?offset=5&limit=5", page(wanted[5:10], len(wanted), 5))
        self.ask(path + "?offset=100000", page([], len(wanted), 100000))
        self.ask(path + f"?limit=10000&from={quote(times[4])}", page(wanted[4:]))
        self.ask(path + f"?limit=10000&to={quote(times[4])}", page(wanted[:4]))
        self.ask(path + f"?limit=10000&from={quote(times[2])}&to={quote(times[9])}", page(wanted[2:9]))
        self.ask("/api/v1/sweeps/bare/runs/0/trades", lambda a: self.assertEqual(a.value["trades"], []))

    def test_equity(self):
        """Every point must be one of the curve that `kmill show` prints; all of them when there is room."""
        for run, source in ((self.market.rows("small")[0]["run"], "full"), (self.market.rows("small")[-1]["run"], "trades")):
            again = "best" if source == "full" else "worst"
            symbol = next(r for r in self.market.rows("small", "--columns", "run,symbol") if r["run"] == run)["symbol"]
            curve = self.market.shown("small", run)["equityCurve"]
            bars = {"DEMOUSDT": 1500, "SYNTHUSDT": 400}[symbol]

            def check(answer, curve=curve, source=source, bars=bars, again=again):
                v = answer.value
                self.assertEqual((v["source"], v["bars"]), (source, bars), again)
                self.assertEqual({len(c) for c in v["points"].values()}, {v["count"]})
                times = [iso(t) for t in v["points"]["time"]]
                self.assertEqual(times, sorted(set(times)))
                if curve:
                    known = {p["timestamp"]: p for p in curve}
                    for name in ("equity", "balance", "position"):
                        self.assertEqual(v["points"][name], [known[t][name] for t in times], name)
                peak = 0
                if v["count"] == bars:
                    shown = self.market.shown("small", v["run"])
                    self.assertAlmostEqual(v["points"]["buy_hold"][-1], 10000 * (1 + shown["buyHoldReturn"]), places=8)
                    for equity, drawdown in zip(v["points"]["equity"], v["points"]["drawdown"]):
                        peak = max(peak, 10000, equity)
                        self.assertAlmostEqual(drawdown, (peak - equity) / peak, places=12)
            self.ask(f"{SMALL}/runs/{run}/equity", check)
            for query in ("points=100", "points=100&method=minmax", "points=20000", "points=10&method=lttb"):
                self.ask(f"{SMALL}/runs/{run}/equity?{query}", check)
            self.ask(f"{SMALL}/runs/{run}/equity?points=100", lambda a: self.assertLessEqual(a.value["count"], 100))
        best = self.market.rows("small")[0]["run"]
        self.ask(f"{SMALL}/runs/{best}/equity?from=2024-01-03&to=2024-01-04", lambda a: self.assertEqual(
            [iso(t) for t in a.value["points"]["time"]], [iso(START + 2 * DAY + i * HOUR) for i in range(24)]))
        self.ask("/api/v1/sweeps/thin/runs/0/equity", lambda a: self.assertEqual((a.value["source"], a.value["count"]), ("points", 40)))
        self.ask("/api/v1/sweeps/bare/runs/0/equity", (404, "not_found", "n"))

    def test_heatmaps(self):
        rows = self.market.rows("small", "--columns", "run,symbol,period,fraction,profitRate,maxDrawdown")

        def check(agg, metric, keep, best):
            def checked(answer):
                v = answer.value
                self.assertEqual((v["x"], v["y"]), ({"name": "period", "values": list(range(3, 11))}, {"name": "fraction", "values": [0.25, 0.5, 1.0]}))
                cells, numbers = [], []
                for j, fraction in enumerate(v["y"]["values"]):
                    for i, period in enumerate(v["x"]["values"]):
                        mine = [r for r in rows if keep(r) and (r["period"], r["fraction"]) == (period, fraction)]
                        self.assertEqual(v["counts"][j][i], len(mine))
                        want = agg([r[metric] for r in mine]) if mine else None
                        if want is None:
                            self.assertIsNone(v["cells"][j][i])
                        else:
                            self.assertAlmostEqual(v["cells"][j][i], want, places=12)
                            cells.append(want)
                        numbers.append((v["best_run"][j][i], best(mine, key=lambda r: r[metric])["run"] if mine else None))
                self.assertEqual([n[0] for n in numbers], [n[1] for n in numbers])
                self.assertAlmostEqual(v["minimum"], min(cells), places=12)
                self.assertAlmostEqual(v["maximum"], max(cells), places=12)
            return checked
        path = f"{SMALL}/heatmap?x=period&y=fraction"
        everything = lambda r: True
        self.ask(path, check(max, "profitRate", everything, max))
        self.ask(path + "&agg=min", check(min, "profitRate", everything, max))
        self.ask(path + "&agg=mean", check(lambda v: sum(v) / len(v), "profitRate", everything, max))
        self.ask(path + "&agg=median&metric=maxDrawdown", check(lambda v: sum(v) / len(v), "maxDrawdown", everything, min))  # of two
        self.ask(path + "&agg=count", check(len, "profitRate", everything, max))
        self.ask(path + "&where=symbol%3D%3D%22SYNTHUSDT%22", check(max, "profitRate", lambda r: r["symbol"] == "SYNTHUSDT", max))
        self.ask(path + "&fixed.symbol=DEMOUSDT", check(max, "profitRate", lambda r: r["symbol"] == "DEMOUSDT", max))

    def test_distributions(self):
        rates = sorted(r["profitRate"] for r in self.market.rows("small"))

        def quantile(q):
            at = q * (len(rates) - 1)
            low = int(at)
            return rates[low] + (at - low) * (rates[min(low + 1, len(rates) - 1)] - rates[low])

        def check(bins):
            def checked(answer):
                v = answer.value
                self.assertEqual((v["metric"], v["count"], v["undefined"], v["minimum"], v["maximum"]), ("profitRate", 46, 0, rates[0], rates[-1]))
                mean = sum(rates) / 46
                self.assertAlmostEqual(v["mean"], mean, places=12)
                self.assertAlmostEqual(v["deviation"], (sum((r - mean)**2 for r in rates) / 45)**0.5, places=12)
                for name, got in v["quantiles"].items():
                    self.assertAlmostEqual(got, quantile(float(name)), places=12)
                self.assertEqual((len(v["bins"]), len(v["edges"]), sum(v["bins"])), (bins, bins + 1, 46))
                for i, n in enumerate(v["bins"]):
                    low, high = v["edges"][i], v["edges"][i + 1]
                    self.assertEqual(n, sum(low <= r < high or (i == bins - 1 and r == high) for r in rates))
            return checked
        self.ask(f"{SMALL}/distribution", check(50))
        self.ask(f"{SMALL}/distribution?metric=profitRate&bins=7", check(7))
        self.ask(f"{SMALL}/distribution?where=profitRate%3E5", lambda a: self.assertEqual((a.value["count"], a.value["mean"]), (0, None)))

    def test_importance(self):
        rows = self.market.rows("small", "--columns", "run,period,fraction,profitRate")

        def share(name):
            values = [r["profitRate"] for r in rows]
            mean = sum(values) / len(values)
            groups = {}
            for r in rows:
                groups.setdefault(r[name], []).append(r["profitRate"])
            between = sum(len(g) * (sum(g) / len(g) - mean)**2 for g in groups.values())
            return between / sum((v - mean)**2 for v in values)

        def check(answer):
            found = {p["name"]: p for p in answer.value["parameters"]}
            self.assertEqual({n: found[n]["distinct"] for n in ("period", "fraction")}, {"period": 8, "fraction": 3})
            for name in ("period", "fraction"):
                self.assertAlmostEqual(found[name]["share"], share(name), places=9)
            self.assertNotIn("label", found)  # it has one value
            shares = [p["share"] for p in answer.value["parameters"]]
            self.assertEqual(shares, sorted(shares, reverse=True))
        self.ask(f"{SMALL}/importance", check)
        self.ask(f"{SMALL}/importance?metric=sharpe&where=period%3C5", lambda a: self.assertEqual(
            {p["name"]: p["distinct"] for p in a.value["parameters"] if p["name"] != "symbol"}, {"period": 2, "fraction": 3}))

    def test_exports_are_those_of_kmill_export(self):
        for what in ("runs", "trades", "equity"):
            for form in ("csv", "json"):
                for query, options in (("", ()), ("&where=period%3C5", ("--where", "period<5")), ("&run=3,0", ("--run", "3,0"))):
                    wanted = kmill("export", self.market.result("small"), "--what", what, "--format", form, *options)

                    def same(answer, wanted=wanted, form=form):
                        self.assertEqual(answer.body.decode(), wanted)
                        self.assertIn("attachment", answer.headers["content-disposition"])
                        self.assertIn(f".{form}", answer.headers["content-disposition"])
                    self.ask(f"{SMALL}/export?what={what}&format={form}{query}", same)

    def test_new_and_removed_results_are_seen_without_a_restart(self):
        self.market.sweep("later", "[3]", "{equity: none, trades: none}")
        server.eventually(lambda: self.server.get("/api/v1/sweeps/later").status == 200, 10)
        self.market.result("later").unlink()
        server.eventually(lambda: self.server.get("/api/v1/sweeps/later").status == 404, 10)


if __name__ == "__main__":
    request_table.main(at_least=110)
