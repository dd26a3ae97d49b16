"""The sender in the benchmarks: posts signed updates over kept connections, with little work of its own."""

import asyncio
import re
import time
from itertools import count
from statistics import quantiles
from typing import Any

from tests.benchmarks import contacts

LAST_CHUNK = b"0\r\n\r\n"  # of an answer that does not announce its length
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_numbers = count(1)  # over the life of the process, so that no update comes twice


class Load:
    """One burst: what is still to be posted, and how long each answer took."""

    def __init__(self, host: str, path: str, *, seconds: float, limit: int) -> None:
        self.head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        self.left = limit
        self.ends = time.perf_counter() + seconds
        self.answers: list[float] = []  # seconds
        self.refused = b""

    def take(self) -> bytes | None:
        """The next request, or None when the burst is over."""
        if not self.left or time.perf_counter() > self.ends or self.refused:
            return None
        self.left -= 1
        number = next(_numbers)
        body, message_id, timestamp = (
            contacts.body(number),
            f"msg_{time.time_ns()}{number}",
            str(int(time.time())),
        )
        signed = contacts.signature(message_id, timestamp, body)
        headers = (
            f"webhook-id: {message_id}\r\nwebhook-timestamp: {timestamp}\r\nwebhook-signature: {signed}\r\n"
        )
        return f"{self.head}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Poster(asyncio.Protocol):
    """One connection: posts, waits for the answer, posts again."""

    transport: asyncio.Transport

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""
        self.posted = 0.0
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.post()

    def post(self) -> None:
        """Posts the next update, or closes."""
        request = self.load.take()
        if request is None:
            self.transport.close()
            return
        self.posted = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self.buffer += data
        head, ended, content = self.buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        whole = len(content) >= int(length[1]) if length else content.endswith(LAST_CHUNK)
        if not ended or not whole:
            return
        if not head.startswith(b"HTTP/1.1 20"):
            self.load.refused = self.buffer
        self.buffer = b""
        self.load.answers.append(time.perf_counter() - self.posted)
        self.post()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio."""
        if error:
            self.load.refused = repr(error).encode()
        self.over.set_result(None)


def run(*, port: int, path: str, seconds: float, limit: int, connections: int = 16) -> dict[str, Any]:
    """Posts for so many seconds or so many times; how many, how long it took, and the answers' times in seconds."""
    return asyncio.run(_run(port, path, connections, seconds=seconds, limit=limit))


async def _run(port: int, path: str, connections: int, **bounds: Any) -> dict[str, Any]:
    load = Load(f"127.0.0.1:{port}", path, **bounds)
    started, began = time.perf_counter(), time.time()
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Poster(load), "127.0.0.1", port) for _ in range(connections)]
    await asyncio.gather(*(poster.over for _, poster in made))
    if load.refused:
        raise RuntimeError(load.refused.decode(errors="replace"))
    took = time.perf_counter() - started
    cuts = quantiles(load.answers, n=20) if len(load.answers) > 1 else load.answers * 19
    return {"began": began, "count": len(load.answers), "seconds": took, "p50": cuts[9], "p95": cuts[18]}
