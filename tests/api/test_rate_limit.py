"""The rate limit of the real server: in memory, and shared by two servers through a real Redis that comes and goes.

Grants are counted against what the buckets can hold: `burst` at once and `rate` a second after it.
"""
import http.client
import json
import pathlib
import tempfile
import time
import unittest

import redis_server
import server

PATH = "/health"
LIMITED = "--rate-limit-loopback"


def granted(clients, requests):
    """How many of the requests, taken in turn by the clients, are answered; and the seconds that took."""
    began = time.monotonic()
    count = 0
    for i in range(requests):
        answer = clients[i % len(clients)].request("GET", PATH)
        assert answer.status in (200, 429), answer.status
        count += answer.status == 200
    return count, time.monotonic() - began


def request_from(served, source):
    """The status of one request from another address of this machine."""
    connection = http.client.HTTPConnection(served.address, served.port, timeout=30, source_address=(source, 0))
    connection.request("GET", PATH)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply.status


def warnings(served, word):
    whole = served.log_text().rpartition("\n")[0]  # the last line may be on its way
    lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
    return [line["message"] for line in lines if word in line.get("message", "")]


class Memory(unittest.TestCase):
    def test_a_burst_passes_and_then_the_rate(self):
        with server.running(LIMITED, "--rate-per-second", "5", "--rate-per-minute", "0", sweeps=False) as s:
            count, seconds = granted([s.client], 40)
            self.assertGreaterEqual(count, 5)
            self.assertLessEqual(count, 5 + 5 * seconds)
            refused = s.get(PATH)
            self.assertEqual((refused.status, refused.code), (429, "rate_limited"))
            self.assertEqual(refused.headers["retry-after"], "1")
            self.assertEqual(request_from(s, "127.0.0.2"), 200)  # a client of its own
            time.sleep(1.05)
            self.assertEqual(s.get(PATH).status, 200)

    def test_retry_after_is_the_wait_that_helps(self):
        with server.running(LIMITED, "--rate-per-second", "0", "--rate-per-minute", "30", sweeps=False) as s:
            count, seconds = granted([s.client], 60)
            self.assertTrue(30 <= count <= 30 + seconds / 2, (count, seconds))
            refused = s.get(PATH)
            self.assertEqual(refused.status, 429)
            self.assertIn(int(refused.headers["retry-after"]), (1, 2))
            time.sleep(int(refused.headers["retry-after"]))
            self.assertEqual(s.get(PATH).status, 200)

    def test_what_no_route_answers_is_limited_too(self):
        with server.running(LIMITED, "--rate-per-second", "1", "--rate-per-minute", "0", sweeps=False) as s:
            statuses = [s.get("/api/v1/nothing").status for _ in range(3)]
            self.assertEqual(statuses[0], 404)
            self.assertIn(429, statuses)

    def test_loopback_is_exempt_unless_configured(self):
        with server.running("--rate-per-second", "1", "--rate-per-minute", "1", sweeps=False) as s:
            self.assertEqual(granted([s.client], 50)[0], 50)

    def test_a_reload_takes_new_limits(self):
        with tempfile.TemporaryDirectory(prefix="kmill-rate-") as folder:
            config = pathlib.Path(folder, "serve.yaml")
            config.write_text("rate_per_second: 1000\nrate_per_minute: 0\nrate_limit_loopback: true\n", encoding="utf-8")
            with server.running("--config", config, sweeps=False) as s:
                self.assertEqual(granted([s.client], 50)[0], 50)
                config.write_text("rate_per_second: 0\nrate_per_minute: 3\nrate_limit_loopback: true\n", encoding="utf-8")
                s.reload()
                server.eventually(lambda: warnings(s, "settings read anew"), 5)
                count, seconds = granted([s.client], 20)
                self.assertTrue(3 <= count <= 3 + seconds / 20 + 1, (count, seconds))
                config.write_text("rate_per_minut: 3\n", encoding="utf-8")
                s.reload()
                server.eventually(lambda: warnings(s, "did you mean 'rate_per_minute'"), 5)
                self.assertEqual(s.get(PATH).status, 429)

    def test_the_environment_sets_it(self):
        environment = {"RATE_LIMIT_PER_SECOND": "2", "RATE_LIMIT_PER_MINUTE": "0"}
        with server.running(LIMITED, sweeps=False, environment=environment) as s:
            count, seconds = granted([s.client], 10)
            self.assertTrue(2 <= count <= 2 + 2 * seconds, (count, seconds))


class Redis(unittest.TestCase):
    def setUp(self):
        redis_server.need_redis()

    def share(self, url, *limits):
        environment = {"REDIS_URL": url}
        return server.running(LIMITED, *limits, sweeps=False, environment=environment)

    def test_two_servers_share_one_limit(self):
        limits = ("--rate-per-second", "0", "--rate-per-minute", "20")
        with redis_server.running() as redis:
            url = f"redis://127.0.0.1:{redis.port}/3"
            with self.share(url, *limits) as a, self.share(f"unix://{redis.path}?db=3", *limits) as b:
                count, seconds = granted([a.client, b.client], 60)
                self.assertTrue(20 <= count <= 20 + seconds / 3, (count, seconds))
                self.assertEqual(request_from(a, "127.0.0.2"), 200)
                self.assertEqual(redis.command("SELECT", "3"), b"+OK")
                self.assertEqual(warnings(a, "Redis") + warnings(b, "Redis"), [])

    def test_a_key_goes_when_its_buckets_are_full(self):
        with redis_server.running() as redis, self.share(f"redis://127.0.0.1:{redis.port}", "--rate-per-second", "1", "--rate-per-minute", "0") as s:
            self.assertEqual(s.get(PATH).status, 200)
            self.assertEqual(redis.keys(), 1)
            server.eventually(lambda: redis.keys() == 0, 3)

    def test_a_killed_redis_is_a_warning_and_no_outage(self):
        limits = ("--rate-per-second", "0", "--rate-per-minute", "1000")
        with redis_server.running() as redis, self.share(f"redis://127.0.0.1:{redis.port}", *limits) as s:
            self.assertEqual(granted([s.client], 50)[0], 50)
            redis.kill()
            self.assertEqual(granted([s.client], 200)[0], 200)
            server.eventually(lambda: warnings(s, "Redis"), 2)
            told = warnings(s, "Redis")
            self.assertEqual(len(told), 1, told)
            self.assertIn("Redis does not answer", told[0])
            redis.start()
            server.eventually(lambda: warnings(s, "Redis answers again"), 12)
            self.assertEqual(redis.keys(), 0)
            self.assertEqual(s.get(PATH).status, 200)
            self.assertEqual(redis.keys(), 1)

    def test_a_redis_that_hangs_holds_no_request_up_for_long(self):
        with redis_server.running() as redis, self.share(f"redis://127.0.0.1:{redis.port}", "--rate-per-second", "1000") as s:
            self.assertEqual(s.get(PATH).status, 200)
            redis.pause()
            began = time.monotonic()
            self.assertEqual(s.get(PATH).status, 200)
            self.assertLess(time.monotonic() - began, 1)
            began = time.monotonic()
            self.assertEqual(granted([s.client], 20)[0], 20)
            self.assertLess(time.monotonic() - began, 1)
            redis.go_on()

    def test_a_redis_that_is_not_there_at_the_start_is_found_later(self):
        port = redis_server.free_port()
        with self.share(f"redis://127.0.0.1:{port}") as s:
            self.assertEqual(s.get(PATH).status, 200)
            server.eventually(lambda: warnings(s, "Redis does not answer"), 2)
            with redis_server.running(port=port) as redis:
                server.eventually(lambda: warnings(s, "Redis answers again"), 12)
                self.assertEqual(s.get(PATH).status, 200)
                self.assertEqual(redis.keys(), 1)

    def test_restarted_flushed_and_idle_connections_are_no_outage(self):
        with redis_server.running() as redis, self.share(f"redis://127.0.0.1:{redis.port}") as s:
            self.assertEqual(s.get(PATH).status, 200)
            redis.command("SCRIPT", "FLUSH")
            self.assertEqual(s.get(PATH).status, 200)
            redis.command("CLIENT", "KILL", "TYPE", "normal")
            self.assertEqual(s.get(PATH).status, 200)
            redis.kill()
            redis.start()
            self.assertEqual(s.get(PATH).status, 200)
            self.assertEqual(redis.keys(), 1)
            time.sleep(0.5)
            self.assertEqual(warnings(s, "Redis"), [])

    def test_a_password_opens_it_and_no_log_shows_one(self):
        secret, wrong = "s3cret@/:pw", "wr0ng-secret"
        with redis_server.running(secret) as redis:
            with self.share(f"redis://:s3cret%40%2F%3Apw@127.0.0.1:{redis.port}") as s:
                self.assertEqual(s.get(PATH).status, 200)
                self.assertEqual(redis.keys(), 1)
                self.assertEqual(warnings(s, "Redis"), [])
                self.assertNotIn("s3cret", s.log_text())
            with self.share(f"redis://default:{wrong}@127.0.0.1:{redis.port}") as s:
                self.assertEqual(s.get(PATH).status, 200)
                server.eventually(lambda: warnings(s, "Redis does not answer"), 2)
                self.assertNotIn(wrong, s.log_text())


if __name__ == "__main__":
    server.need_binary()
    unittest.main()
