"""An archive on loopback: files made by the test, and the mishaps a real one has."""
import hashlib
import http.server
import io
import re
import threading
import zipfile


def zip_bytes(name, text):
    """A zip as the archive makes them: one CSV inside, named like the zip. The same text gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name.removesuffix(".zip") + ".csv", (2024, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


NO_SUCH_KEY = (b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
               b"<Message>The specified key does not exist.</Message></Error>")


class Archive:
    """files: path -> bytes; mishaps: path -> list of what the next requests get: a status, ("cut", N): only the first N bytes of
    the body, "no-range": a server without ranges, "xml": an error document with status 200."""

    def __init__(self):
        self.files, self.mishaps, self.requests = {}, {}, []
        archive = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else every answer waits 40 ms for an acknowledgement

            def do_GET(self):
                archive.answer(self)

            def log_message(self, *arguments):
                """Quiet: requests are kept in archive.requests."""

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                """A client that goes away in mid-answer is part of the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def add(self, path, data, checksum=None):
        name = path.rpartition("/")[2]
        self.files[path] = data
        self.files[path + ".CHECKSUM"] = f"{checksum or hashlib.sha256(data).hexdigest()}  {name}\n".encode()

    def asked(self, part):
        """The (path, Range header) of all requests whose path contains part, in order."""
        return [(path, wanted) for path, wanted in self.requests if part in path]

    def answer(self, handler):
        path, wanted = handler.path, handler.headers.get("Range")
        self.requests.append((path, wanted))
        mishap = self.mishaps[path].pop(0) if self.mishaps.get(path) else None
        if isinstance(mishap, int):
            return self.send(handler, mishap, b"<html>not now</html>")
        if mishap == "xml":
            return self.send(handler, 200, NO_SUCH_KEY)
        if path not in self.files:
            return self.send(handler, 404, NO_SUCH_KEY)
        data, first = self.files[path], 0
        if wanted and mishap != "no-range":
            first = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
            if first >= len(data):
                return self.send(handler, 416, b"")
        handler.send_response(206 if first else 200)
        if first:
            handler.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(data) - first))
        handler.end_headers()
        if isinstance(mishap, tuple):
            handler.wfile.write(data[first:first + mishap[1]])
            handler.close_connection = True
        else:
            handler.wfile.write(data[first:])

    @staticmethod
    def send(handler, status, body):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
