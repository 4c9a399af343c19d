"""kmill fetch against an archive on loopback: what it loads, verifies, continues, tries again and refuses."""
import csv
import datetime
import io
import os
import random
import subprocess
import sys
import tempfile
import unittest

from archive import Archive, zip_bytes

SOURCE = os.environ.get("KMILL_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KMILL = os.environ.get("KMILL") or os.path.join(SOURCE, "build/release/bin/kmill")
DATA = os.environ.get("KMILL_DATA") or os.path.join(SOURCE, "../shared/data")
DAY = datetime.timedelta(days=1)


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def month_after(day):
    return (day.replace(day=1) + 32 * DAY).replace(day=1)


def hours(first, end):
    """Hourly candles of [first, end) as the archive writes them; the same day has the same candles whoever asks."""
    rows = []
    while first < end:
        draw = random.Random(first.toordinal())
        midnight = int(datetime.datetime(first.year, first.month, first.day, tzinfo=datetime.timezone.utc).timestamp()) * 1000
        for hour in range(24):
            when, price = midnight + hour * 3600000, draw.uniform(100, 200)
            rows.append(f"{when},{price:.8f},{price + 2:.8f},{price - 2:.8f},{price + 1:.8f},{draw.uniform(0, 50):.8f},"
                        f"{when + 3599999},{draw.uniform(0, 9999):.8f},{draw.randrange(1000)},1.00000000,2.00000000,0")
        first += DAY
    return rows


class Fetch(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store, self.cache = os.path.join(folder.name, "store"), os.path.join(folder.name, "cache")

    def path(self, date, period="monthly", market="spot", name="BTCUSDT-1h"):
        symbol, interval = name.split("-")
        return f"/data/{market}/{period}/klines/{symbol}/{interval}/{name}-{date}.zip"

    def month(self, year, number, **options):
        """Puts a month into the archive; returns its path and rows."""
        first = datetime.date(year, number, 1)
        path = self.path(f"{first:%Y-%m}", **options)
        rows = hours(first, month_after(first))
        self.archive.add(path, zip_bytes(path.rpartition("/")[2], "\n".join(rows) + "\n"))
        return path, rows

    def day(self, day):
        path = self.path(day.isoformat(), "daily")
        rows = hours(day, day + DAY)
        self.archive.add(path, zip_bytes(path.rpartition("/")[2], "\n".join(rows) + "\n"))
        return path, rows

    def fetch(self, *arguments, code=0, symbol="BTCUSDT"):
        command = [KMILL, "fetch", symbol, "1h", *arguments, "--store", self.store, "--cache", self.cache, "--base-url", self.archive.url]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "no_proxy": "*"})
        self.assertEqual(code, done.returncode, done.stderr + done.stdout)
        if code:
            self.assertEqual(1, done.stderr.count("kmill: "), done.stderr)
            self.assertTrue(done.stderr.splitlines()[-1].startswith("kmill: "), done.stderr)
        return done.stdout + done.stderr

    def expect(self, rows, symbol="BTCUSDT", interval="1h"):
        done = subprocess.run([KMILL, "klines", symbol, interval, "--csv", "--store", self.store], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        got = [[float(text) for text in row[:11]] for row in csv.reader(io.StringIO(done.stdout)) if row[0].isdigit()]
        self.assertEqual([[float(text) for text in row.split(",")[:11]] for row in rows], got)

    def expect_nothing_stored(self):
        self.assertFalse(os.path.exists(os.path.join(self.store, "BTCUSDT", "1h.h5")))


class Good(Fetch):
    def test_months_become_a_series(self):
        _, january = self.month(2024, 1)
        _, february = self.month(2024, 2)
        printed = self.fetch("--from", "2024-01", "--to", "2024-02")
        self.assertIn("2 downloaded, 0 from the cache", printed)
        self.assertIn("1,440 candles", printed)
        self.expect(january + february)

    def test_verified_files_are_not_loaded_again(self):
        _, january = self.month(2024, 1)
        self.fetch("--from", "2024-01", "--to", "2024-01")
        before = len(self.archive.requests)
        self.assertIn("0 downloaded, 1 from the cache", self.fetch("--from", "2024-01", "--to", "2024-01"))
        self.assertEqual(before, len(self.archive.requests))
        _, february = self.month(2024, 2)
        self.assertIn("1 downloaded, 1 from the cache", self.fetch("--from", "2024-01", "--to", "2024-02"))
        self.expect(january + february)

    def test_a_file_that_rotted_in_the_cache_is_loaded_again(self):
        path, rows = self.month(2024, 1)
        self.fetch("--from", "2024-01", "--to", "2024-01")
        kept = [os.path.join(folder, name) for folder, _, names in os.walk(self.cache) for name in names if name.endswith(".zip")]
        self.assertEqual(1, len(kept))
        with open(kept[0], "r+b") as file:
            file.seek(100)
            file.write(b"rotten")
        self.assertIn("1 downloaded", self.fetch("--from", "2024-01", "--to", "2024-01", "--replace"))
        self.expect(rows)

    def test_futures_have_their_own_folder_and_a_header(self):
        first = datetime.date(2024, 1, 1)
        rows = hours(first, month_after(first))
        path = self.path("2024-01", market="futures/um")
        self.archive.add(path, zip_bytes(path.rpartition("/")[2], "\n".join(
            ["open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"] + rows)))
        self.fetch("--from", "2024-01", "--to", "2024-01", "--market", "um")
        self.expect(rows)

    def test_a_lower_case_symbol_and_a_trailing_slash_do_no_harm(self):
        _, rows = self.month(2024, 1)
        self.archive.url += "/"
        self.fetch("--from", "2024-01", "--to", "2024-01", symbol="btcusdt")
        self.expect(rows)

    def test_real_zips_are_taken(self):
        for name, interval, count in [("BTCUSDT-1h-2023-03-24", "1h", 23), ("BTCUSDT-1m-2024-05-22", "1m", 1440)]:
            path = os.path.join(DATA, "peers", name + ".zip")
            if not os.path.exists(path):
                self.skipTest("no real klines")
            with self.subTest(name=name):
                with open(path, "rb") as file:
                    self.archive.add(self.path(name[11:], "daily", name=name[:10]), file.read())
                done = subprocess.run([KMILL, "fetch", "BTCUSDT", interval, "--from", name[11:18], "--to", name[11:18], "--store", self.store,
                                       "--cache", self.cache, "--base-url", self.archive.url], capture_output=True, text=True,
                                      env={**os.environ, "no_proxy": "*"})
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn(f"{count:,} candles", done.stdout)


class Days(Fetch):
    def test_to_now_takes_the_days_of_the_month_that_runs(self):
        first = today().replace(day=1)
        last_month = (first - DAY).replace(day=1)
        _, rows = self.month(last_month.year, last_month.month)
        day = first
        while day < today():
            rows += self.day(day)[1]
            day += DAY
        self.fetch("--from", f"{last_month:%Y-%m}", "--to", "now")
        self.expect(rows)
        self.assertEqual([], self.archive.asked(today().isoformat()))

    def test_a_month_that_is_not_published_yet_is_taken_day_by_day(self):
        first = (today().replace(day=1) - DAY).replace(day=1)
        rows, day = [], first
        while day < month_after(first):
            rows += self.day(day)[1]
            day += DAY
        self.fetch("--from", f"{first:%Y-%m}", "--to", f"{first:%Y-%m}")
        self.expect(rows)

    def test_days_missing_between_others_are_told(self):
        first, rows = datetime.date(2023, 5, 1), []
        for number in range(31):
            if number not in (0, 9, 19, 20, 21):
                rows += self.day(first + number * DAY)[1]
        printed = self.fetch("--from", "2023-05", "--to", "2023-05")
        self.assertIn("no file of 2023-05-10\n", printed)
        self.assertIn("no file of 2023-05-20 to 2023-05-22\n", printed)
        self.assertEqual(2, printed.count("no file of"))
        self.expect(rows)

    def test_months_before_the_listing_are_told_once_and_cost_few_requests(self):
        _, rows = self.month(2024, 3)
        printed = self.fetch("--from", "2023-01", "--to", "2024-03")
        self.assertIn("nothing of BTCUSDT 1h for 2023-01 to 2024-02 (before it was listed?)", printed)
        self.assertLessEqual(len(self.archive.requests), 14 * 4 + 2)
        self.expect(rows)

    def test_a_hole_of_months_is_told(self):
        rows = self.month(2023, 1)[1] + self.month(2023, 4)[1]
        printed = self.fetch("--from", "2023-01", "--to", "2023-04")
        self.assertIn("for 2023-02 to 2023-03\n", printed)
        self.expect(rows)

    def test_a_symbol_that_is_not_there_is_said(self):
        message = self.fetch("--from", "2024-01", "--to", "2024-02", code=2, symbol="NOSUCHUSDT")
        self.assertIn("no klines of NOSUCHUSDT 1h from 2024-01 to 2024-02", message)


class Mishaps(Fetch):
    def test_a_cut_download_goes_on_where_it_ended(self):
        path, rows = self.month(2024, 1)
        self.archive.mishaps[path] = [("cut", 5000), ("cut", 3000)]
        self.fetch("--from", "2024-01", "--to", "2024-01")
        self.assertEqual([None, "bytes=5000-", "bytes=8000-"], [wanted for at, wanted in self.archive.asked(path) if at == path])
        self.expect(rows)

    def test_a_partial_file_of_an_earlier_call_is_continued(self):
        path, rows = self.month(2024, 1)
        self.archive.mishaps[path] = [("cut", 4000)] + [503] * 9
        self.assertIn("503", self.fetch("--from", "2024-01", "--to", "2024-01", code=3))
        self.expect_nothing_stored()
        self.archive.mishaps.clear()
        self.fetch("--from", "2024-01", "--to", "2024-01")
        self.assertEqual("bytes=4000-", self.archive.asked(path)[-1][1])
        self.expect(rows)

    def test_a_server_without_ranges_is_asked_from_the_start(self):
        path, rows = self.month(2024, 1)
        self.archive.mishaps[path] = [("cut", 4000), "no-range", None]
        self.fetch("--from", "2024-01", "--to", "2024-01")
        self.expect(rows)

    def test_a_partial_file_that_is_too_long_or_foreign_is_begun_anew(self):
        path, rows = self.month(2024, 1)
        self.archive.mishaps[path] = [("cut", 4000)] + [500] * 9
        self.fetch("--from", "2024-01", "--to", "2024-01", code=3)
        part = [os.path.join(folder, name) for folder, _, names in os.walk(self.cache) for name in names if name.endswith(".part")][0]
        for content in (b"x" * 4000, b"x" * 400000):
            with self.subTest(length=len(content)):
                self.archive.mishaps.clear()
                with open(part, "wb") as file:
                    file.write(content)
                self.fetch("--from", "2024-01", "--to", "2024-01", "--replace")
                self.expect(rows)
                for folder, _, names in os.walk(self.cache):
                    for name in names:
                        os.remove(os.path.join(folder, name))

    def test_server_errors_are_tried_again(self):
        path, rows = self.month(2024, 1)
        self.archive.mishaps[path] = [500, 429]
        self.archive.mishaps[path + ".CHECKSUM"] = [503]
        self.fetch("--from", "2024-01", "--to", "2024-01")
        self.expect(rows)

    def test_a_refusal_is_not_tried_again(self):
        path, _ = self.month(2024, 1)
        self.archive.mishaps[path] = [403]
        self.assertIn("403", self.fetch("--from", "2024-01", "--to", "2024-01", code=3))
        self.assertEqual(1, [at for at, _ in self.archive.requests].count(path))

    def test_a_wrong_checksum_is_refused_and_nothing_stored(self):
        self.month(2024, 1)
        path, _ = self.month(2024, 2)
        self.archive.add(path, self.archive.files[path], checksum="ab" * 32)
        message = self.fetch("--from", "2024-01", "--to", "2024-02", code=3)
        self.assertIn("BTCUSDT-1h-2024-02.zip", message)
        self.assertIn("abababababab", message)
        self.expect_nothing_stored()

    def test_an_error_document_in_place_of_a_zip_is_named(self):
        path, _ = self.month(2024, 1)
        self.archive.mishaps[path] = ["xml"]
        message = self.fetch("--from", "2024-01", "--to", "2024-01", code=3)
        self.assertIn("XML", message)
        self.expect_nothing_stored()

    def test_an_error_document_in_place_of_a_checksum_means_no_such_file(self):
        path, _ = self.month(2024, 1)
        _, rows = self.month(2024, 2)
        self.archive.mishaps[path + ".CHECKSUM"] = ["xml"]
        self.assertIn("nothing of BTCUSDT 1h for 2024-01", self.fetch("--from", "2024-01", "--to", "2024-02"))
        self.expect(rows)

    def test_a_checksum_file_of_another_name_or_form_is_refused(self):
        path, _ = self.month(2024, 1)
        right = self.archive.files[path + ".CHECKSUM"]
        for wrong in (right.replace(b"2024-01", b"2024-02"), b"hello\n", b"", right[:60], right[1:], b"x" * 9000):
            with self.subTest(wrong=wrong[:80]):
                self.archive.files[path + ".CHECKSUM"] = wrong
                self.assertIn(".CHECKSUM", self.fetch("--from", "2024-01", "--to", "2024-01", code=3))
        self.expect_nothing_stored()

    def test_a_zip_with_unreadable_rows_leaves_the_store(self):
        _, rows = self.month(2024, 1)
        self.fetch("--from", "2024-01", "--to", "2024-01")
        path = self.path("2024-02")
        self.archive.add(path, zip_bytes(path.rpartition("/")[2], "1,2,three\n"))
        self.assertIn("2024-02", self.fetch("--from", "2024-01", "--to", "2024-02", code=2))
        self.expect(rows)

    def test_a_server_that_is_not_there_is_one_line(self):
        gone = Archive()
        gone.close()
        self.archive.url = gone.url
        self.assertIn("127.0.0.1", self.fetch("--from", "2024-01", "--to", "2024-01", code=3))


class Options(Fetch):
    def test_wrong_options_are_refused_before_anything_is_asked_for(self):
        for arguments, word in [(("--from", "2024-13", "--to", "now"), "2024-13"), (("--from", "2024", "--to", "now"), "YYYY-MM"),
                                (("--from", "2024-05", "--to", "2024-04"), "after"), (("--from", "2024-05", "--to", "2999-01"), "future"),
                                (("--from", "2024-05"), "--to"), (("--from", "2024-01", "--to", "now", "--market", "moon"), "moon"),
                                (("--from", "2024-01", "--to", "now", "--frm", "x"), "--frm")]:
            with self.subTest(arguments=arguments):
                self.assertIn(word, self.fetch(*arguments, code=2))
        self.assertIn("symbol", self.fetch("--from", "2024-01", "--to", "now", code=2, symbol="../../etc"))
        self.archive.url = "ftp://example"
        self.assertIn("ftp://example", self.fetch("--from", "2024-01", "--to", "now", code=2))
        self.assertEqual([], self.archive.requests)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
