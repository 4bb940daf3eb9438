"""An LMS's key server, in a thread of its own so that it answers whichever test is running."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class KeyServer:
    """`keys` is what it publishes at `url`; `asked` counts how often it was."""

    def __init__(self) -> None:
        self.keys: list[object] = []
        self.asked = 0
        self.url = ""

    def answer(self) -> bytes:
        self.asked += 1
        return json.dumps({"keys": self.keys}).encode()


@contextmanager
def key_server() -> Iterator[KeyServer]:
    """A key server on a free port."""
    keys = KeyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = keys.answer()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    keys.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield keys
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
