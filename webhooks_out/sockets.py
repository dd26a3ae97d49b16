"""Sockets to addresses that were checked, plain and TLS: the only module that opens one."""

import socket
import ssl
from functools import lru_cache
from math import inf
from time import monotonic
from typing import Any, cast


class NotConnected(Exception):
    """No connection came about, so nothing was sent: the reason in a word, and in a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Socket(socket.socket):
    """A socket whose timeout is for all that follows, not for each call, and that knows when it last heard."""

    ends = inf
    heard = 0.0

    def settimeout(self, value: float | None, /) -> None:
        """Allows so many seconds from now on."""
        self.ends = inf if value is None else monotonic() + value
        super().settimeout(value)

    def recv_into(self, *arguments: Any) -> int:
        """As ever; TimeoutError when the time is up, however often something came."""
        self.allow_the_rest()
        count = super().recv_into(*arguments)
        self.heard = monotonic()
        return count

    def send(self, *arguments: Any) -> int:
        """As ever; TimeoutError when the time is up."""
        self.allow_the_rest()
        return super().send(*arguments)

    def sendall(self, *arguments: Any) -> None:
        """As ever; TimeoutError when the time is up."""
        self.allow_the_rest()
        super().sendall(*arguments)

    def allow_the_rest(self) -> None:
        """Gives the next call the time that is left; TimeoutError when none is."""
        left = self.ends - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        super().settimeout(None if left == inf else left)


class TlsSocket(Socket, ssl.SSLSocket):
    """The same over TLS."""


def look_up(name: str) -> tuple[str, ...]:
    """All addresses the system knows for a name, in its order of preference; OSError when there are none."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def open_plain(address: str, port: int, seconds: float) -> Socket:
    """A connected socket, or NotConnected; what is left of the seconds is for its use."""
    sock = Socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((address, port))
    except OSError as error:
        sock.close()
        said = error.strerror or str(error)
        raise NotConnected("connect", f"No connection to {address} port {port}: {said}.") from error
    return sock


def add_tls(sock: Socket, host: str, context: ssl.SSLContext) -> TlsSocket:
    """The socket after a handshake with `host`, or NotConnected and the socket closed; its time goes on."""
    try:
        sock.allow_the_rest()
        return cast(TlsSocket, context.wrap_socket(sock, server_hostname=host))
    except (OSError, ValueError) as error:
        sock.close()
        raise NotConnected(*_handshake_problem(error, host)) from error


@lru_cache(maxsize=64)
def tls_context(*, verify: bool, authorities: str, public: str) -> ssl.SSLContext:
    """Trusts the authorities (PEM) or, if there are none, those in the file `public`; NotConnected if unreadable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = TlsSocket
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        if authorities:
            context.load_verify_locations(
                cadata=authorities.encode("ascii", "ignore").decode()
            )  # notes may not be ASCII
        else:
            context.load_verify_locations(public)
    except (OSError, ValueError) as error:
        detail = "The certificates of the authority to trust cannot be read: they must be PEM."
        raise NotConnected("tls", detail) from error
    return context


def _handshake_problem(error: OSError | ValueError, host: str) -> tuple[str, str]:
    if isinstance(error, TimeoutError):
        return "timeout", f"{host} did not finish the TLS handshake in time."
    if isinstance(error, ssl.SSLCertVerificationError):
        return "tls", f"The certificate of {host} was not accepted: {error.verify_message}."
    said = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return "tls", f"No TLS connection to {host}: {said.replace('_', ' ').lower()}."
