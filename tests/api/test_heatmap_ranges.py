"""Heatmaps of parameters drawn at random: every cell computed again from the rows of `kmill export`, its runs counted again through the
filters that a page would set, and the edges of the ranges written from the rule with exact decimals."""
import csv
import io
import math
import statistics
from decimal import Decimal
from fractions import Fraction

import server
from market import kmill

RANDOM = '''name: drawn
strategy: strategy.py
symbols: DEMOUSDT
intervals: 1h
params:
  period: {integer: [2, 60]}
  fraction: {uniform: [0.05, 0.8]}
  wide: {integer: [-1000, 1000]}
  step: {range: [0, 0.9], step: 0.1}
  label: {choice: [a, b]}
method: random
trials: 180
seed: 3
keep: {equity: none, trades: none}
'''
AGGREGATES = {"max": max, "min": min, "mean": statistics.fmean, "median": statistics.median, "count": len,
              "std": lambda v: statistics.stdev(v) if len(v) > 1 else None}
LOW_IS_BEST = ("maxDrawdown",)


def neat_edges(values, most):
    """The narrowest multiples of 1, 2, 2.5 or 5 x a power of ten that hold the values in `most` ranges, as exact fractions."""
    low, high, whole = min(values), max(values), all(isinstance(v, int) for v in values)
    for exponent in range(-30, 30):
        for mantissa in (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(5)):
            step = mantissa * Fraction(10) ** exponent
            if whole and step.denominator != 1:
                continue
            first, last = math.floor(Fraction(low) / step), math.ceil(Fraction(high) / step)
            last += whole and step == 1 and last * step == high  # each whole number for itself, the highest one, too
            edges = [float(i * step) for i in range(first, last + 1)] if last - first <= most else None
            if edges:
                # A value may be the double nearest to an edge and yet a little below or above it: doubles are compared with doubles.
                if len(edges) > 2 and edges[1] <= low:
                    edges = edges[1:]
                if len(edges) > 2 and edges[-2] >= high and not whole:
                    edges = edges[:-1]
                return edges
    return [low, high]  # one range on both sides of nought


def place(edges, value):
    """A range holds its lower edge and not its upper one, the last range holds both."""
    for i in range(len(edges) - 1):
        if edges[i] <= value < edges[i + 1] or (i == len(edges) - 2 and value == edges[-1]):
            return i
    raise AssertionError(f"{value} is in no range of {edges}")


class HeatmapRanges(server.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = cls.market.folder / "drawn.yaml"
        path.write_text(RANDOM, encoding="utf-8")
        kmill("run", path, "--store", cls.market.store, "--output", cls.market.result("drawn"), "--progress", "none")
        server.eventually(lambda: any(s["id"] == "drawn" and s["state"] == "complete" for s in cls.server.get("/api/v1/sweeps").value["sweeps"]))
        kinds = {"run": int, "period": int, "wide": int, "label": str, "status": str}
        table = csv.DictReader(io.StringIO(kmill("export", cls.market.result("drawn"), "--what", "runs", "--format", "csv")))
        names = ("run", "status", "period", "fraction", "wide", "step", "label", "profitRate", "maxDrawdown", "sharpe")
        cls.rows = [{n: None if row[n] == "" else kinds.get(n, float)(row[n]) for n in names} for row in table]
        assert len(cls.rows) == 180 and all(row["status"] == "done" for row in cls.rows)

    def heatmap(self, **query):
        return self.server.get("/api/v1/sweeps/drawn/heatmap?" + server.urllib.parse.urlencode(query)).value

    def check_cells(self, answer, rows, metric, agg):
        """Every cell from its rows; returns those of each cell."""
        steps = [(lambda v, a=axis: place(a["edges"], v)) if "edges" in axis else axis["values"].index for axis in (answer["x"], answer["y"])]
        cells = {}
        for row in rows:
            if row[metric] is not None:
                at = (steps[0](row[answer["x"]["name"]]), steps[1](row[answer["y"]["name"]]))
                cells.setdefault(at, []).append(row)
        sizes = [len(axis["edges"]) - 1 if "edges" in axis else len(axis["values"]) for axis in (answer["x"], answer["y"])]
        self.assertEqual([len(answer["cells"]), {len(line) for line in answer["cells"]}], [sizes[1], {sizes[0]}])
        best = min if metric in LOW_IS_BEST else max
        for y in range(sizes[1]):
            for x in range(sizes[0]):
                mine, got = cells.get((x, y), []), answer["cells"][y][x]
                self.assertEqual(answer["counts"][y][x], len(mine))
                self.assertEqual(answer["best_run"][y][x], best(mine, key=lambda r: r[metric])["run"] if mine else None)
                wanted = AGGREGATES[agg]([r[metric] for r in mine]) if mine else None
                self.assertEqual(got is None, wanted is None)
                if wanted is not None:
                    self.assertAlmostEqual(got, wanted, delta=1e-12 * max(1, abs(wanted)))
        return cells

    def test_cells_are_those_of_the_exported_rows(self):
        pairs = [("fraction", "wide"), ("wide", "fraction"), ("period", "fraction"), ("fraction", "label"), ("period", "step"), ("step", "wide")]
        for at, (x, y) in enumerate(pairs):
            for agg in AGGREGATES:
                metric = ("profitRate", "maxDrawdown", "sharpe")[at % 3]
                with self.subTest(x=x, y=y, metric=metric, agg=agg):
                    self.check_cells(self.heatmap(x=x, y=y, metric=metric, agg=agg), self.rows, metric, agg)

    def test_who_says_nothing_gets_ranges_of_what_was_drawn(self):
        """180 runs: 9 ranges at most for each of two axes, which is the root of 180 / 2, rounded down."""
        answer = self.heatmap(x="fraction", y="wide")
        self.assertEqual(answer["x"], {"name": "fraction", "edges": neat_edges([r["fraction"] for r in self.rows], 9)})
        self.assertEqual(answer["y"], {"name": "wide", "edges": neat_edges([r["wide"] for r in self.rows], 9)})
        self.assertEqual(answer["y"]["edges"], [-1000, -750, -500, -250, 0, 250, 500, 750, 1000])
        # Ten values are shown one by one; beside ten columns there are 180 / 2 / 10 ranges at most.
        answer = self.heatmap(x="step", y="fraction")
        self.assertEqual(answer["x"], {"name": "step", "values": [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]})
        self.assertEqual(answer["y"]["edges"], neat_edges([r["fraction"] for r in self.rows], 9))
        # Beside two columns the map would be half full; but a value for each run is no column to look at, and no step of a grid.
        answer = self.heatmap(x="fraction", y="label")
        self.assertEqual(answer["x"]["edges"], neat_edges([r["fraction"] for r in self.rows], 40))
        self.check_cells(answer, self.rows, "profitRate", "max")

    def test_so_many_ranges_at_most_as_were_asked_for(self):
        for bins in (1, 2, 3, 7, 10, 24, 50, 137, 200):
            for name in ("fraction", "wide", "period", "step"):
                with self.subTest(bins=bins, name=name):
                    answer = self.heatmap(x=name, y="label", x_bins=bins)
                    self.assertEqual(answer["x"], {"name": name, "edges": neat_edges([r[name] for r in self.rows], bins)})
                    self.check_cells(answer, self.rows, "profitRate", "max")
        for edge in self.heatmap(x="fraction", y="label", x_bins=200)["x"]["edges"]:
            self.assertLessEqual(len(Decimal(repr(edge)).as_tuple().digits), 3, edge)

    def test_a_number_on_an_edge_is_in_the_range_above(self):
        answer = self.heatmap(x="step", y="label", x_bins=9, agg="count")
        self.assertEqual(answer["x"]["edges"], [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
        wanted = [[sum(r["label"] == label and (round(r["step"] * 10) == at or (at == 8 and r["step"] == 0.9)) for r in self.rows) for at in range(9)]
                  for label in ("a", "b")]
        self.assertEqual(answer["counts"], wanted)

    def test_bins_of_nought_are_the_values(self):
        self.assertEqual(self.heatmap(x="period", y="step", x_bins=0, y_bins=0)["x"]["values"], sorted({r["period"] for r in self.rows}))
        answer = self.heatmap(x="fraction", y="step", x_bins=0)
        self.assertEqual(answer["x"]["values"], sorted(r["fraction"] for r in self.rows))
        self.check_cells(answer, self.rows, "profitRate", "max")
        self.fails(self.server.request("GET", "/api/v1/sweeps/drawn/heatmap?x=step&y=label&y_bins=4"), 400, "invalid", "y_bins")

    def test_ranges_are_of_the_runs_that_pass(self):
        """A part of a random sweep is in ranges, too, and they are as narrow as it is."""
        inside = [r for r in self.rows if 0.3 <= r["fraction"] <= 0.5 and r["label"] == "a"]
        answer = self.heatmap(x="fraction", y="wide", **{"min.fraction": 0.3, "max.fraction": 0.5, "fixed.label": "a"})
        most = max(5, math.isqrt(len(inside) // 2))
        self.assertEqual(answer["x"]["edges"], neat_edges([r["fraction"] for r in inside], most))
        self.check_cells(answer, inside, "profitRate", "max")
        empty = self.heatmap(x="fraction", y="wide", where="fraction > 2")
        self.assertEqual((empty["x"], empty["cells"], empty["minimum"]), ({"name": "fraction", "values": []}, [], None))

    def test_the_runs_of_a_cell_are_those_between_its_edges(self):
        answer = self.heatmap(x="fraction", y="wide", agg="count")
        edges = [answer["x"]["edges"], answer["y"]["edges"]]
        for y, line in enumerate(answer["counts"]):
            for x, count in enumerate(line):
                bounds = {}
                for name, at, own in (("fraction", x, edges[0]), ("wide", y, edges[1])):
                    bounds[f"min.{name}"] = repr(own[at])
                    bounds[f"max.{name}"] = repr(own[at + 1] if at == len(own) - 2 else math.nextafter(own[at + 1], -math.inf))
                page = self.server.get("/api/v1/sweeps/drawn/runs?limit=1&" + server.urllib.parse.urlencode(bounds)).value
                self.assertEqual(page["total"], count, bounds)


if __name__ == "__main__":
    server.main()
