"""A receiver on loopback that fails as it is told to, and remembers every request by its delivery's id."""

import base64
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

RESET = "reset"
HANG = "hang"
HANG_SECONDS = 3.0  # longer than the timeout of the webhooks that meet it


class Receiver(ThreadingHTTPServer):
    """Answers each delivery with the next item of `script`: a status, RESET or HANG; the last one goes on for ever."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, script: tuple[int | str, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.requests: dict[str, list[tuple[bytes, dict[str, str]]]] = defaultdict(list)
        self.arrived = threading.Condition()
        self.delay = 0.0  # seconds
        self.busy = self.peak = 0  # requests being answered now, and at most

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/"

    @property
    def total(self) -> int:
        """Requests so far."""
        return sum(map(len, self.requests.values()))

    def next_answer(self, message_id: str, body: bytes, headers: dict[str, str]) -> int | str:
        """Remembers the request and says how to answer it."""
        with self.arrived:
            self.requests[message_id].append((body, headers))
            self.busy += 1
            self.peak = max(self.peak, self.busy)
            self.arrived.notify_all()
            return self.script[min(len(self.requests[message_id]), len(self.script)) - 1]

    def wait_for(self, count: int, seconds: float = 30.0) -> None:
        """Comes back when so many requests have arrived in all."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.total >= count, seconds), (
                f"{self.total} of {count} arrived"
            )

    def handle_error(self, *_: object) -> None:
        """A client that was killed leaves broken connections; that is the point of it."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.next_answer(headers.get("webhook-id", ""), body, headers)
        time.sleep(self.server.delay)
        with self.server.arrived:
            self.server.busy -= 1
        if answer == HANG:
            time.sleep(HANG_SECONDS)
            self.close_connection = True
        elif answer == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        else:
            said = str(self.headers).encode() + body if self.path == "/echo" else b""
            said += (
                base64.b64decode((self.headers.get("Authorization") or "").removeprefix("Basic "))
                if said
                else b""
            )
            self.send_response(int(answer))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    """`receiver(500, RESET, 200)` listens until the test ends."""
    started: list[Receiver] = []

    def listen(*script: int | str) -> Receiver:
        server = Receiver(script or (200,))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        started.append(server)
        return server

    yield listen
    for server in started:
        server.shutdown()
        server.server_close()
