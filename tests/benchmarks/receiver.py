"""The other end of every webhook: answers 200 as fast as it can, or after a delay, and counts.

    python -m tests.benchmarks.receiver PORT

A request to `/wait/200` is answered after 200 ms. GET /seen tells how many came, and when the last and the latest ones
did; GET /forget begins anew.
"""

import asyncio
import json
import re
import sys
import time
from collections import deque

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
BUSY = 1024  # connections that may wait to be accepted
KEPT = 1_000  # times of arrival
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_WAIT = re.compile(rb"^POST /wait/(\d+) ")


class Seen:
    """What came since it was last forgotten."""

    def __init__(self) -> None:
        self.count = 0
        self.times: deque[float] = deque(maxlen=KEPT)


class Receiver(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio; one request is under way at a time, as HTTP/1.1 clients do."""
        self.buffer += data
        head, ended, content = self.buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not ended or len(content) < (int(length[1]) if length else 0):
            return
        self.buffer = b""
        if head.startswith(b"GET "):
            self.tell(head)
            return
        self.seen.count += 1
        self.seen.times.append(time.time())
        if wait := _WAIT.match(head):
            asyncio.get_running_loop().call_later(int(wait[1]) / 1000, self.transport.write, ANSWER)
        else:
            self.transport.write(ANSWER)

    def tell(self, head: bytes) -> None:
        """Answers the benchmark itself."""
        if head.startswith(b"GET /forget "):
            self.seen.__init__()  # type: ignore[misc] - begins anew
        said = json.dumps({"count": self.seen.count, "times": list(self.seen.times)}).encode()
        self.transport.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        self.transport.close()


async def listen(port: int) -> None:
    """Receives until it is ended."""
    seen = Seen()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Receiver(seen), "127.0.0.1", port, backlog=BUSY)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1])))
