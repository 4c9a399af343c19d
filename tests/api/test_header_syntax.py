"""Headers that two programs could read differently are refused, and what comes behind them is never taken for another request."""
import io

import server

START = b"POST /api/v1/strategies/check HTTP/1.1\r\nHost: localhost\r\n"
HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class HeaderSyntax(server.Case):
    settings = {"sweeps": False}

    def refused(self, head):
        """Whoever reads a length here has the second request as the first one's body; who reads none has two requests."""
        got = self.server.raw(head + b"\r\n" + HIDDEN, timeout=10)
        self.assertEqual(got.count(b"HTTP/1."), 1, got[:600])
        answer = server.parse_answer(io.BytesIO(got))
        self.assertEqual(answer.status, 400, got[:300])
        if answer.headers.get("content-type", "").startswith("application/json"):  # libmicrohttpd 1.0 refuses some itself
            self.assertEqual((answer.code, answer.value["detail"][:24]), ("invalid", "the request is refused: "))

    def test_names_are_tokens(self):
        length = b": %d\r\n" % len(HIDDEN)
        for name in (b"Content-Length ", b"Content-Length\t", b"Content Length", b"Content-Length\x0b", b"X\xc3\xa9", b"X[1]", b"X\"", b"Transfer-Encoding "):
            with self.subTest(name):
                self.refused(START + name + length)
        self.refused(START.replace(b"Host", b" Content-Length" + length + b"Host"))  # the first one, as if it were a line's continuation

    def test_values_have_no_control_characters(self):
        for value in (b"a\x01b", b"a\x7fb", b"a\x1b[31m"):
            with self.subTest(value):
                self.refused(START + b"X: " + value + b"\r\n")

    def test_a_return_without_a_line_feed_ends_no_line(self):
        self.refused(START + b"X: a\rContent-Length: %d\r\n" % len(HIDDEN))

    def test_unusual_names_that_are_tokens_pass(self):
        got = self.server.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-!#$%&'*+.^_`|~9: \xc3\xa9\ta\r\nConnection: close\r\n\r\n", timeout=10)
        self.assertTrue(got.startswith(b"HTTP/1.1 200"), got[:300])


if __name__ == "__main__":
    server.main()
