"""What a sweep's own `filters` leave (ranked=true), against `kmill top`, which shows that by itself; and pages of sweeps without runs."""
import csv
import io
import json

import server
from market import kmill

SWEEP = '''name: picky
strategy: strategy.py
symbols: DEMOUSDT
intervals: 1h
params:
  period: {range: [3, 40], step: 1}
  fraction: [0.5, 1.0]
rank_by: {metric: sharpe, direction: max}
filters: {min_trades: 130, max_drawdown: 0.35}
keep: {equity: none, trades: none}
'''


class RankedRuns(server.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = cls.market.folder / "picky.yaml"
        path.write_text(SWEEP, encoding="utf-8")
        kmill("run", path, "--store", cls.market.store, "--output", cls.market.result("picky"), "--progress", "none", code=1)
        server.eventually(lambda: any(s["id"] == "picky" and s["state"] == "complete" for s in cls.server.get("/api/v1/sweeps").value["sweeps"]))

    def page(self, query=""):
        return self.server.get(f"/api/v1/sweeps/picky/runs?limit=1000&columns=run,status{query}").value

    def top(self, *options):
        return [r["run"] for r in json.loads(kmill("top", self.market.result("picky"), "--format", "json", "--limit", 0, *options))]

    def test_ranked_runs_are_those_that_top_shows(self):
        ranked, everything = self.top(), self.top("--where", "")
        self.assertTrue(0 < len(ranked) < len(everything), (len(ranked), len(everything)))
        self.assertNotEqual(everything[0], ranked[0])  # a run with few trades is the best by its figures
        self.assertEqual([r[0] for r in self.page("&ranked=true&status=done")["rows"]], ranked)
        self.assertEqual([r[0] for r in self.page("&ranked=false&status=done")["rows"]], everything)
        self.assertEqual([r[0] for r in self.page("&status=done")["rows"]], everything)
        summary = self.server.get("/api/v1/sweeps/picky").value
        self.assertEqual(summary["best"]["run"], ranked[0])
        self.assertEqual(summary["provenance"]["rank_where"], "totalTrades >= 130 and maxDrawdown <= 0.35")

    def test_runs_that_are_not_done_stay(self):
        failed = [r["run"] for r in json.loads(kmill("top", self.market.result("picky"), "--failed", "--format", "json"))]
        self.assertEqual(failed, [9])  # period 7, the whole balance
        page = self.page("&ranked=true")
        self.assertEqual([r[0] for r in page["rows"]], self.top() + failed)
        self.assertEqual([r[0] for r in self.page("&ranked=true&status=failed")["rows"]], failed)

    def test_it_goes_with_other_conditions(self):
        wanted = self.top("--where", "(fraction == 0.5 or period > 30) and period < 35 and totalTrades >= 130 and maxDrawdown <= 0.35")
        got = self.page("&ranked=true&status=done&max.period=34&where=fraction%3D%3D0.5%20or%20period%3E30")
        self.assertEqual([r[0] for r in got["rows"]], wanted)

    def test_analyses_and_exports_take_it(self):
        ranked = self.top()
        base = "/api/v1/sweeps/picky"
        heatmap = self.server.get(f"{base}/heatmap?x=period&y=fraction&ranked=true").value
        self.assertEqual(sum(map(sum, heatmap["counts"])), len(ranked))
        self.assertEqual(self.server.get(f"{base}/distribution?ranked=true").value["count"], len(ranked))
        self.assertEqual(self.server.get(f"{base}/importance?ranked=true").value["metric"], "sharpe")
        rows = csv.DictReader(io.StringIO(self.server.get(f"{base}/export?columns=run&ranked=true&status=done").body.decode()))
        self.assertEqual(sorted(int(r["run"]) for r in rows), sorted(ranked))
        for path in ("runs", "heatmap", "distribution", "importance", "export"):
            more = "x=period&y=fraction&" if path == "heatmap" else ""
            self.fails(self.server.request("GET", f"{base}/{path}?{more}ranked=maybe"), 400, "invalid", "ranked")

    def test_a_sweep_without_filters_ranks_all(self):
        self.assertEqual(self.server.get("/api/v1/sweeps/small/runs?ranked=true").value["total"], 48)


if __name__ == "__main__":
    server.main()
