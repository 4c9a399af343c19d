"""Sweeps as they come, change and go while the server looks: exports byte by byte, live and interrupted journals, replaced, damaged and
removed files, conditional requests. What a finished sweep answers is in test_requests_sweeps.py."""
import os
import shutil
import signal
import struct
import time
import urllib.parse

import server
import slow_sweep
from market import kmill
from server import eventually


class Sweeps(slow_sweep.Case):
    def listed(self, name):
        return next((s for s in self.server.get("/api/v1/sweeps").value["sweeps"] if s["id"] == name), None)

    def state(self, name):
        return (self.listed(name) or {}).get("state")

    # ---- exports ----

    def test_exports_are_the_bytes_of_the_command_line(self):
        for name, what, form in ((n, w, f) for n in ("small", "thin", "bare") for w in ("runs", "trades", "equity") for f in ("csv", "json")):
            with self.subTest(name=name, what=what, form=form):
                answer = self.server.get(f"/api/v1/sweeps/{name}/export?what={what}&format={form}")
                wanted = kmill("export", self.market.result(name), "--what", what, "--format", form)
                self.assertEqual(answer.body.decode(), wanted)
                self.assertEqual(answer.headers["content-disposition"], f'attachment; filename="{name}-{what}.{form}"')
        for query, options in (("run=5,3,12&what=trades", ("--run", "5,3,12", "--what", "trades")),
                               ("where=period+%3C+5", ("--where", "period < 5")),
                               ("max.period=4&what=equity", ("--where", "period <= 4", "--what", "equity")),
                               ("run=7", ("--run", "7"))):
            answer = self.server.get(f"/api/v1/sweeps/small/export?{query}")
            self.assertEqual(answer.body.decode(), kmill("export", self.market.result("small"), *options), query)

    def test_exports_choose_sort_and_count(self):
        answer = self.server.get("/api/v1/sweeps/small/export?columns=run,period&sort=-period,run&status=done")
        rows = [tuple(map(int, line.split(","))) for line in answer.body.decode().splitlines()[1:]]
        done = [(r["run"], r["period"]) for r in self.market.rows("small", "--columns", "run,period")]
        self.assertEqual(rows, sorted(done, key=lambda r: (-r[1], r[0])))

    def test_a_reader_that_goes_away_leaves_nothing_behind(self):
        before = self.server.descriptors()
        target = "/api/v1/sweeps/small/export?what=equity"
        for _ in range(20):
            with self.server.socket() as s:
                s.sendall(f"GET {target} HTTP/1.1\r\nHost: {self.server.address}:{self.server.port}\r\n\r\n".encode())
                s.recv(100)
        eventually(lambda: self.server.descriptors() <= before + 2)

    # ---- conditional requests ----

    def test_answers_have_versions(self):
        base = "/api/v1/sweeps/small"
        paths = ("", "/runs?limit=3", "/runs/3", "/runs/3/equity?points=50", "/runs/3/trades", "/heatmap?x=period&y=fraction", "/distribution",
                 "/importance", "/export?what=runs")
        tags = {}
        for path in paths:
            with self.subTest(path=path):
                first = self.server.get(base + path)
                tag = first.headers["etag"]
                again = self.server.get(base + path, headers={"If-None-Match": tag})
                self.assertEqual((again.status, again.body), (304, b""))
                other = self.server.get(base + path, headers={"If-None-Match": '"0-0"'})
                self.assertEqual((other.status, other.body), (200, first.body))
                tags[path] = tag
        self.assertEqual(len(set(tags.values())), len(paths))
        self.assertNotEqual(self.server.get(base + "/runs?limit=4").headers["etag"], tags["/runs?limit=3"])
        listing = self.server.get("/api/v1/sweeps")
        self.assertEqual(self.server.get("/api/v1/sweeps", headers={"If-None-Match": listing.headers["etag"]}).status, 304)

    # ---- coming and going ----

    def test_a_file_that_appears_is_replaced_and_removed(self):
        path, other = self.market.result("copied"), self.market.result("thin")
        self.assertIsNone(self.listed("copied"))
        partial = self.market.results / "copied.tmp"
        shutil.copy(self.market.result("bare"), partial)
        os.rename(partial, path)
        eventually(lambda: self.state("copied") == "complete")
        before = self.server.get("/api/v1/sweeps/copied/runs?columns=run,profitRate")
        self.assertEqual(before.value["rows"], self.server.get("/api/v1/sweeps/bare/runs?columns=run,profitRate").value["rows"])
        tag = before.headers["etag"]
        shutil.copy(other, partial)
        os.rename(partial, path)
        eventually(lambda: self.server.get("/api/v1/sweeps/copied/runs?columns=run,profitRate",
                                           headers={"If-None-Match": tag}).status == 200)
        self.assertEqual(self.server.get("/api/v1/sweeps/copied").value["name"], "thin")
        os.unlink(path)
        eventually(lambda: self.state("copied") is None)
        self.fails(self.server.get("/api/v1/sweeps/copied"), 404, "not_found", "id")
        self.fails(self.server.get("/api/v1/sweeps/copied/runs"), 404, "not_found", "id")

    def test_a_new_file_is_found_at_once_by_its_name(self):
        path = self.market.result("asked for")
        shutil.copy(self.market.result("bare"), path)
        answer = self.server.get("/api/v1/sweeps/" + urllib.parse.quote("asked for"))
        self.assertEqual((answer.status, answer.value["id"], answer.value["state"]), (200, "asked for", "complete"))
        os.unlink(path)

    def test_damaged_files_are_listed_with_their_reason(self):
        whole = self.market.result("small").read_bytes()
        damage = {"empty": b"", "text": b"no result at all\n" * 100, "half": whole[:len(whole) // 2], "head": whole[:3000]}
        for name, content in damage.items():
            (self.market.results / f"{name}.h5").write_bytes(content)
        for name in damage:
            with self.subTest(name=name):
                eventually(lambda n=name: self.state(n) == "damaged")
                summary = self.listed(name)
                self.assertIn(f"{name}.h5", summary["error"]["message"])
                detail = self.server.get(f"/api/v1/sweeps/{name}")
                self.assertEqual((detail.status, detail.value["provenance"]), (200, None))
                for more in ("/runs", "/runs/0", "/heatmap?x=a&y=b", "/export"):
                    self.fails(self.server.get(f"/api/v1/sweeps/{name}{more}"), 409, "conflict", "id")
                os.unlink(self.market.results / f"{name}.h5")
        eventually(lambda: not any(self.state(name) for name in damage))

    def test_any_flipped_byte_is_an_answer_and_no_crash(self):
        whole = bytearray(self.market.result("bare").read_bytes())
        path = self.market.results / "flipped.h5"
        for at in range(0, len(whole), max(1, len(whole) // 60)):
            image = bytearray(whole)
            image[at] ^= 0xff
            path.with_suffix(".tmp").write_bytes(image)
            os.rename(path.with_suffix(".tmp"), path)
            for more in ("", "/runs?sparkline=true", "/runs/0", "/runs/0/equity", "/importance"):
                answer = self.server.get("/api/v1/sweeps/flipped" + more)
                self.assertIn(answer.status, (200, 400, 404, 409, 500), more)
        path.unlink()
        self.assertEqual(self.server.get("/health").status, 200)

    # ---- journals ----

    def test_a_sweep_on_the_command_line_is_seen_while_it_runs(self):
        run = self.start("live", 3000, 150)
        eventually(lambda: self.state("live") == "running")
        seen, pages = [], []
        while run.poll() is None:
            summary = self.listed("live")
            if summary["state"] == "running":
                seen.append(summary)
                page = self.server.get("/api/v1/sweeps/live/runs?limit=1&columns=run,profitRate,number")
                pages.append(page.value["total"])
                detail = self.server.get("/api/v1/sweeps/live").value
                self.assertLessEqual(sum(detail["statuses"].values()), detail["total"])
            time.sleep(0.1)
        self.assertEqual(run.returncode, 0)
        done = [s["done"] for s in seen]
        self.assertGreater(len(set(done)), 3, "the sweep was too fast to be watched")
        self.assertEqual(done, sorted(done))
        self.assertEqual({(s["total"], s["total_exact"], s["failed"]) for s in seen}, {(3000, True, 0)})
        self.assertTrue(all(s["best"]["params"] == {"number": s["best"]["run"] + 1, "work": 150} for s in seen if s["best"]))
        self.assertTrue(any(s["runs_per_second"] for s in seen) and any(s["seconds_left"] is not None for s in seen))
        self.assertEqual(pages, sorted(pages))
        self.assertGreater(pages[-1], pages[0])
        summary = eventually(lambda: (self.listed("live") or {}).get("state") == "complete" and self.listed("live"))
        self.assertEqual((summary["done"], summary["total"], summary["seconds_left"]), (3000, 3000, None))
        best = self.market.rows("live", "--limit", "1", "--columns", "run,profitRate")[0]
        self.assertEqual((summary["best"]["run"], summary["best"]["value"]), (best["run"], best["profitRate"]))

    def test_an_interrupted_sweep_is_read_and_goes_on(self):
        run = self.start("broken", 2000, 200)
        eventually(lambda: (self.listed("broken") or {}).get("done", 0) > 50)
        run.send_signal(signal.SIGKILL)
        run.wait()
        summary = eventually(lambda: self.state("broken") == "interrupted" and self.listed("broken"))
        rows = self.market.rows("broken", "--by", "run", "--asc", "--columns", "run,profitRate,number")
        self.assertEqual(summary["done"], len(rows))
        page = self.server.get("/api/v1/sweeps/broken/runs?limit=1000&sort=run&columns=run,profitRate,number").value
        self.assertEqual(page["rows"], [[r["run"], r["profitRate"], r["number"]] for r in rows[:1000]])
        shown = self.market.shown("broken", rows[-1]["run"])
        trades = self.server.get(f"/api/v1/sweeps/broken/runs/{rows[-1]['run']}/trades").value["trades"]
        self.assertEqual([t["totalValue"] for t in trades], [t["totalValue"] for t in shown["trades"]])
        export = self.server.get("/api/v1/sweeps/broken/export").body.decode()
        self.assertEqual(export, kmill("export", self.market.result("broken")))
        again = self.start("broken", 2000, 200, "--resume")
        eventually(lambda: self.state("broken") == "running")
        self.assertGreaterEqual(self.listed("broken")["done"], len(rows))
        self.assertEqual(again.wait(), 0)
        summary = eventually(lambda: self.state("broken") == "complete" and self.listed("broken"))
        self.assertEqual((summary["done"], summary["failed"]), (2000, 0))

    def test_a_sweep_that_replaces_a_result_shows_its_own_runs(self):
        self.assertEqual(self.start("twice", 5).wait(), 0)
        eventually(lambda: self.state("twice") == "complete")
        run = self.start("twice", 3000, 150, "--overwrite")
        eventually(lambda: self.state("twice") == "running" and self.listed("twice")["done"] > 20)
        self.assertGreater(eventually(lambda: self.server.get("/api/v1/sweeps/twice/runs?limit=1").value["total"]), 5)
        run.terminate()
        run.wait()
        eventually(lambda: self.state("twice") == "complete")  # the journal waits beside the result that was there
        self.assertEqual(self.server.get("/api/v1/sweeps/twice/runs?limit=1").value["total"], 5)

    def test_damaged_journals_are_listed_with_their_reason(self):
        folder = self.market.results / "torn.h5.journal"
        folder.mkdir()
        (folder / "sweep").write_bytes(struct.pack("<IIQI", 0x314d4b4a, 4, 0, 0) + b"junk")
        eventually(lambda: self.state("torn") == "damaged")
        self.assertIn("torn.h5.journal", self.listed("torn")["error"]["message"])
        self.fails(self.server.get("/api/v1/sweeps/torn/runs"), 409, "conflict", "id")
        shutil.rmtree(folder)
        eventually(lambda: self.state("torn") is None)

    # ---- at once ----

    def test_many_ask_for_everything_at_once(self):
        """One lock a result and one for HDF5: whoever comes gets the same answer as alone."""
        paths = ["/runs?sort=-sharpe", "/runs/3", "/runs/5/trades", "/runs/3/equity", "/heatmap?x=period&y=fraction", "/distribution",
                 "/importance", "/export?what=trades", ""]
        names = ("small", "thin", "bare")
        wanted = {(n, p): self.server.get(f"/api/v1/sweeps/{n}{p}").body for n in names for p in paths}
        wrong = []

        def ask(number):
            client = self.server.new_client()
            for i in range(60):
                key = (names[(i + number) % 3], paths[(i * 7 + number) % len(paths)])
                body = client.request("GET", f"/api/v1/sweeps/{key[0]}{key[1]}", check=False).body
                if body != wanted[key]:
                    wrong.append((key, body[:200]))
            client.close()
        server.at_once(8, ask)
        self.assertEqual(wrong, [])

    def test_more_results_than_are_kept_open(self):
        names = [f"copy{i:02}" for i in range(25)]
        for name in names:
            shutil.copy(self.market.result("bare"), self.market.result(name))
        wanted = self.server.get("/api/v1/sweeps/bare/runs").value["rows"]
        before = self.server.descriptors()
        for _ in range(2):
            for name in names:
                self.assertEqual(self.server.get(f"/api/v1/sweeps/{name}/runs").value["rows"], wanted)
        self.assertLessEqual(self.server.descriptors(), before + 20)
        for name in names:
            os.unlink(self.market.result(name))
        eventually(lambda: self.listed(names[0]) is None)


if __name__ == "__main__":
    server.main()
