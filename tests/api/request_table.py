"""A table of requests: what is asked, which status and error come back, and what the answer has to say.

What an answer has to say comes from the contract, the CSV that was imported, and `kmill top`, `show` and `export`; every answer is judged
by openapi.yaml besides (server.py).
"""
import sys
import unittest

import market
import server
from market import DAY, HOUR

DEMO = "/api/v1/kline/DEMOUSDT/1h"
SMALL = "/api/v1/sweeps/small"


def quote(text):
    return server.urllib.parse.quote(text, safe="")


class Table(server.Case):
    """Rows: (target, wanted). wanted is a value that the answer must equal, a function of the answer, or (status, code, field)."""
    counted = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hourly = [market.as_kline(r, HOUR) for r in cls.market.hourly]
        cls.daily = [market.as_kline(r, DAY) for r in cls.market.daily]

    def ask(self, target, wanted, method="GET", headers=None, body=None):
        Table.counted += 1
        with self.subTest(f"{method} {target[:120]}", headers=headers, body=body[:80] if body else None):
            answer = self.server.request(method, target, body=body, headers=headers)
            if isinstance(wanted, tuple):
                self.assertGreaterEqual(answer.status, 400, answer.body[:200])
                self.fails(answer, *wanted)
            else:
                self.assertIn(answer.status, (200, 202), answer.body[:300])
                if callable(wanted):
                    wanted(answer)
                elif wanted is not None:
                    self.assertEqual(answer.value, wanted)

    def page(self, rows, symbol="DEMOUSDT", interval="1h"):
        return {"symbol": symbol, "interval": interval, "count": len(rows), "data": rows}


def main(at_least):
    """As server.main, and fails if the whole file asked for less than so many requests."""
    server.need_binary()
    done = unittest.main(exit=False).result
    print(Table.counted, "requests", file=sys.stderr)
    if len(sys.argv) == 1 and Table.counted < at_least:
        sys.exit(f"only {Table.counted} requests")
    sys.exit(not done.wasSuccessful())
