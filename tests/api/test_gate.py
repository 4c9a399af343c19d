"""Who gets in, asked of the real server: Host, Origin and token over sockets, on loopback and beyond, with TLS and without."""
import http.client
import json
import shutil
import ssl
import subprocess
import tempfile
import unittest

import server

TOKEN = "0123456789abcdef0123456789abcdef"
CHECK = "/api/v1/strategies/check"  # ROUTE_CHANGES: it runs the source check
BODY = {"strategy": "x = 1\n"}


class Loopback(server.Case):
    options = ("--cors-origins", "https://charts.example", "--host-names", "kmill.example")
    settings = {"sweeps": False}

    def test_a_name_of_elsewhere_reads_nothing(self):
        for host, status in (("localhost", 200), ("127.0.0.1", 200), ("[::1]:1", 200), ("kmill.example:99", 200), ("evil.example", 421),
                             ("127.0.0.1.evil.example", 421), ("a@localhost", 400), ("", 400)):
            with self.subTest(host=host):
                for target in ("/health", "/api/v1/kline/symbols", "/", "/nothing"):
                    answer = self.server.request("GET", target, headers={"Host": host})
                    if status == 200:
                        self.assertIn(answer.status, (200, 404))
                    else:
                        self.assertEqual(answer.status, status, target)

    def test_a_request_without_host_is_refused(self):
        for version in (b"1.0", b"1.1"):
            # Newer releases of libmicrohttpd refuse it themselves, with a page of their own.
            answer = self.server.raw(b"GET /health HTTP/" + version + b"\r\nConnection: close\r\n\r\n", timeout=5)
            self.assertEqual(answer.split(b" ", 2)[1], b"400", version)

    def test_only_own_and_configured_pages_change_anything(self):
        own = f"http://127.0.0.1:{self.server.port}"
        for origin, status in ((None, 200), (own, 200), ("https://charts.example", 200), ("https://evil.example", 403), ("null", 403),
                               (own.replace("http:", "https:"), 403), (own.replace("127.0.0.1", "localhost"), 403),
                               ("http://127.0.0.1", 403), (own + "/", 403)):
            with self.subTest(origin=origin):
                answer = self.server.post(CHECK, BODY, headers={"Origin": origin} if origin else {})
                self.assertEqual(answer.status, status)
                if status == 403:
                    self.assertEqual(answer.code, "forbidden")
                    self.assertNotIn("access-control-allow-origin", answer.headers)

    def test_a_page_elsewhere_that_hides_its_origin_is_refused(self):
        for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
            self.assertEqual(self.server.post(CHECK, BODY, headers={"Sec-Fetch-Site": site}).status, status, site)

    def test_no_token_is_needed(self):
        self.assertEqual(self.server.post(CHECK, BODY).status, 200)

    def test_every_route_that_changes_is_guarded(self):
        changing = [(o.method, o.template) for o in self.server.contract.operations if o.method != "GET"]
        self.assertGreaterEqual(len(changing), 5)
        for method, template in changing:
            target = template.replace("{id}", "x").replace("{n}", "0").replace("{symbol}", "A").replace("{interval}", "1h")
            answer = self.server.request(method, target, headers={"Origin": "https://evil.example"})
            self.assertEqual(answer.status, 403, (method, target))


class Token(unittest.TestCase):
    def check(self, served, authorization, status, **headers):
        if authorization:
            headers["Authorization"] = authorization
        answer = served.post(CHECK, BODY, headers=headers)
        self.assertEqual(answer.status, status, (authorization, headers))
        self.assertEqual(status == 401, "www-authenticate" in answer.headers)
        return answer

    def test_beyond_loopback_every_change_needs_it(self):
        with server.running("--address", "0.0.0.0", sweeps=False, environment={"KMILL_TOKEN": TOKEN}) as s:
            answer = self.check(s, None, 401)
            self.assertEqual(answer.code, "unauthorized")
            self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer"))
            self.check(s, "Bearer " + TOKEN, 200)
            self.check(s, "bearer " + TOKEN, 200)
            self.check(s, "Bearer " + TOKEN[:-1], 401)
            self.check(s, "Basic " + TOKEN, 401)
            self.check(s, "Bearer " + TOKEN, 403, Origin="https://evil.example")
            self.assertEqual(s.get("/api/v1/kline/symbols").status, 200)
            self.assertNotIn(TOKEN, s.log_text())

    def test_beyond_loopback_without_token_nothing_changes(self):
        with server.running("--address", "0.0.0.0", sweeps=False) as s:
            self.check(s, None, 403)
            self.check(s, "Bearer ", 403)
            self.assertEqual(s.get("/api/v1/kline/symbols").status, 200)
            self.assertIn("nothing that changes or runs something can be called", s.log_text())

    def test_one_that_is_set_is_asked_for_on_loopback_too(self):
        with server.running(sweeps=False, environment={"KMILL_TOKEN": TOKEN}) as s:
            self.check(s, None, 401)
            self.check(s, "Bearer " + TOKEN, 200)


class Tls(unittest.TestCase):
    def test_the_scheme_belongs_to_the_origin(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        with tempfile.TemporaryDirectory(prefix="kmill-tls-") as folder:
            key, certificate = folder + "/key.pem", folder + "/certificate.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key,
                            "-out", certificate], check=True, capture_output=True)
            with server.running("--tls-certificate", certificate, "--tls-key", key, sweeps=False) as s:
                self.assertEqual(self.post(s, certificate, f"https://localhost:{s.port}"), 200)
                self.assertEqual(self.post(s, certificate, f"http://localhost:{s.port}"), 403)

    def post(self, served, certificate, origin):
        context = ssl.create_default_context(cafile=certificate)
        connection = http.client.HTTPSConnection("localhost", served.port, timeout=30, context=context)
        connection.request("POST", CHECK, json.dumps(BODY), {"Origin": origin, "Content-Type": "application/json"})
        status = connection.getresponse().status
        connection.close()
        return status


if __name__ == "__main__":
    server.need_binary()
    unittest.main()
