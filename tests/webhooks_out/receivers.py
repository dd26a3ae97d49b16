"""Receivers on loopback that follow a script on the wire, however bad, and remember what they were sent."""

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DRIP = 0.02  # seconds between two bytes


class Talk:
    """One connection, as a script sees it."""

    def __init__(self, receiver: "Receiver", sock: socket.socket) -> None:
        self.receiver = receiver
        self.sock = sock
        self.unread = b""

    def read(self) -> bytes:
        """The next request, head and body; b"" when there is none."""
        while b"\r\n\r\n" not in self.unread:
            if not self._receive():
                return b""
        head = self.unread.partition(b"\r\n\r\n")[0].lower()
        length = (
            len(head) + 4 + int((head + b"\r\ncontent-length: 0").split(b"content-length:")[1].split()[0])
        )
        while len(self.unread) < length and self._receive():
            pass
        request, self.unread = self.unread[:length], self.unread[length:]
        self.receiver.requests.append(request)
        return request

    def write(self, data: bytes) -> None:
        """Sends it all."""
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Sends it byte by byte, until the receiver ends."""
        for byte in data:
            self.write(bytes([byte]))
            if self.receiver.ending.wait(DRIP):
                return

    def _receive(self) -> bool:
        piece = self.sock.recv(65536)
        self.unread += piece
        return bool(piece)


Script = Callable[[Talk], None]


class Receiver:
    """Plays its script on every connection it accepts."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self.played = Event()  # a script has come to its end, or its connection has
        self.ending = Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listening]
        self._threads = [Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listening.getsockname()[1])

    def url(self, host: str = "127.0.0.1", path: str = "/hook") -> str:
        """Where to send to."""
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for sock in self._sockets:
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listening.accept()
                self.connections += 1
                self._sockets.append(sock)
                self._threads.append(Thread(target=self._play, args=(sock,), daemon=True))
                self._threads[-1].start()

    def _play(self, sock: socket.socket) -> None:
        with suppress(OSError):
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self._sockets.append(sock)
            self.script(Talk(self, sock))
        sock.close()
        self.played.set()


def answers(*pieces: bytes) -> Script:
    """Answers every request with these bytes."""

    def script(talk: Talk) -> None:
        while talk.read():
            for piece in pieces:
                talk.write(piece)

    return script


def answers_once(data: bytes) -> Script:
    """Answers one request with these bytes and closes the connection."""

    def script(talk: Talk) -> None:
        talk.read()
        talk.write(data)

    return script


def drips(data: bytes, at_once: bytes = b"") -> Script:
    """Answers with some bytes at once and the others one by one."""

    def script(talk: Talk) -> None:
        talk.read()
        talk.write(at_once)
        talk.drip(data)

    return script


def pours(head: bytes, block: bytes) -> Script:
    """Answers without end."""

    def script(talk: Talk) -> None:
        talk.read()
        talk.write(head)
        while True:
            talk.write(block)

    return script


def hangs(talk: Talk) -> None:
    """Reads the request and does nothing more."""
    talk.read()
    talk.receiver.ending.wait()


def is_deaf(talk: Talk) -> None:
    """Does not even read."""
    talk.receiver.ending.wait()


def resets(talk: Talk) -> None:
    """Reads the request and closes with RST."""
    talk.read()
    talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
