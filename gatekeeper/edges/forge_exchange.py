"""Sends one request to one server and reads one answer, within limits of time and size that no answer can stretch."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import ssl
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gatekeeper.formats.forge_answers import is_private, origin_of, same_origin_path
from gatekeeper.model.forge import Answer, ForgeError

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, seconds for a whole exchange, and bytes that an answer may have."""

    connect: float = 10.0
    total: float = 30.0
    answer: int = 10 << 20


def exchange(
    origin: tuple[str, str, int], method: str, path: str, headers: Mapping[str, str], body: bytes, limits: Limits
) -> Answer:
    """Send a request to `origin` (scheme, host, port) and read its answer; nothing is followed, nothing is repeated.

    Raises ForgeError for every answer that is late, cut off, too large or no JSON, and where nobody answers; its
    `lost` tells whether the request had been sent by then.
    """
    return _read(*_exchanged(origin, method, path, headers, body, limits))


def download(address: str, limits: Limits) -> bytes:
    """The bytes at an address that a forge named: no token goes there, nothing is followed, nothing is repeated.

    Raises ForgeError for an address that could be read on the way, as for `exchange`, and for every status but 200. The
    address may itself be a permission, so no error shows more of it than its host.
    """
    try:
        origin, is_safe = origin_of(address), is_private(address)
    except ValueError:
        raise ForgeError("the forge named a place that is no address") from None
    if not is_safe:
        raise ForgeError(f"the forge named a place on {origin[1]} that is not encrypted; nothing was asked there")
    path = same_origin_path(address, origin, "a place")
    answer, content = _exchanged(
        origin, "GET", path, {"Accept-Encoding": "identity", "Connection": "close"}, b"", limits
    )
    if answer.status != 200:
        raise ForgeError(f"{origin[1]} answered {answer.status}", status=answer.status)
    return content


def _exchanged(
    origin: tuple[str, str, int], method: str, path: str, headers: Mapping[str, str], body: bytes, limits: Limits
) -> tuple[http.client.HTTPResponse, bytes]:
    """One answer, which is closed, and all bytes of its body."""
    try:
        connection = _connection(origin, limits)
    except (OSError, ValueError) as error:
        raise ForgeError(f"no connection can be made: {_line(error)}", _SURROUNDINGS) from None
    watch = _Watch(connection)
    timer = threading.Timer(limits.total, watch.end)
    timer.daemon = True
    timer.start()
    sent, answer = False, None
    try:
        connection.connect()
        sent = True
        watch.held = connection.sock  # the connection lets go of it as soon as the headers of the answer are read
        connection.sock.settimeout(limits.total)
        connection.request(method, path, body or None, dict(headers))
        answer = connection.getresponse()
        content = _content(answer, limits.answer)
        if watch.ended:  # a socket that was shut looks as if the answer had come to its end
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError, ForgeError) as error:
        raise _failure(error, origin, watch.ended, sent, limits) from None
    finally:
        timer.cancel()
        if answer is not None:
            answer.close()
        connection.close()
    return answer, content


def _failure(error: Exception, origin: tuple[str, str, int], late: bool, sent: bool, limits: Limits) -> ForgeError:
    host = f"{origin[1]}:{origin[2]}"
    if isinstance(error, ForgeError):
        return error
    if late or isinstance(error, TimeoutError):
        seconds = limits.total if late or sent else limits.connect
        return ForgeError(f"{host} did not answer within {seconds:g} s", _AGAIN, lost=sent, passing=True)
    if isinstance(error, ssl.SSLError):
        hint = "set SSL_CERT_FILE to the certificates of the company, if this server has one of its own"
        return ForgeError(f"{host} could not prove who it is: {_line(error)}", hint, lost=sent)
    what = "broke off the exchange" if sent else "cannot be reached"
    return ForgeError(f"{host} {what}: {_line(error)}", _AGAIN, lost=sent, passing=True)


_SURROUNDINGS = "look at HTTPS_PROXY (http://HOST:PORT) and at SSL_CERT_FILE"
_AGAIN = "run the publishing job again later"


def _line(error: Exception) -> str:
    return re.sub(r"[^ -~]+", " ", str(error) or type(error).__name__)[:200]


class _Watch:
    """Ends an exchange that takes too long, however slowly it drips; the limit of a socket is for each read."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.ended = False
        self.held: socket.socket | None = None
        self._connection = connection

    def end(self) -> None:
        """Shut the socket, from the thread of the timer; what waits for it is woken."""
        self.ended = True
        held = self.held or self._connection.sock
        if held is not None:
            with contextlib.suppress(OSError):
                # not the method of SSLSocket, which would let a write that is under way go on without encryption
                socket.socket.shutdown(held, socket.SHUT_RDWR)


class _SecureConnection(http.client.HTTPSConnection):
    """Shakes hands as a step of its own, so that the watch can end that as well."""

    def __init__(self, host: str, port: int, timeout: float, name: str) -> None:
        context = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout, context=context)
        self._trust, self._name = context, name

    def connect(self) -> None:
        """Connect, through the proxy if there is one, and have the server prove who it is."""
        http.client.HTTPConnection.connect(self)
        held = self._trust.wrap_socket(self.sock, server_hostname=self._name, do_handshake_on_connect=False)
        self.sock = held
        held.do_handshake()


def _connection(origin: tuple[str, str, int], limits: Limits) -> http.client.HTTPConnection:
    """The connection, not opened yet; over https through the proxy of the environment, which sees no token."""
    scheme, host, port = origin
    if scheme == "http":  # this machine only
        return http.client.HTTPConnection(host, port, timeout=limits.connect)
    proxy = "" if urllib.request.proxy_bypass(f"{host}:{port}") else urllib.request.getproxies().get("https", "")
    if not proxy:
        return _SecureConnection(host, port, limits.connect, host)
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("the proxy is no http://HOST:PORT")
    through = _SecureConnection(parts.hostname, parts.port or 80, limits.connect, host)
    through.set_tunnel(host, port, _proxy_headers(parts.username, parts.password))
    return through


def _proxy_headers(user: str | None, password: str | None) -> dict[str, str]:
    """What the proxy wants to know of us."""
    if user is None:
        return {}
    from base64 import b64encode  # noqa: PLC0415 - few proxies ask for a name
    from urllib.parse import unquote  # noqa: PLC0415

    name = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(name).decode('ascii')}"}


def _content(answer: http.client.HTTPResponse, most: int) -> bytes:
    """All bytes of the body. Raises ForgeError for more than `most`, and for one that ends early."""
    parts, size = [], 0
    while part := answer.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > most:
            raise ForgeError(f"the forge answered with more than {most:,} bytes", _AGAIN, lost=True)
    if answer.length:
        raise ForgeError("the answer of the forge ended early", _AGAIN, lost=True, passing=True)
    return b"".join(parts)


def _read(answer: http.client.HTTPResponse, content: bytes) -> Answer:
    headers = {name.lower(): value for name, value in answer.getheaders()}
    if not content:
        return Answer(answer.status, headers)
    try:
        return Answer(answer.status, headers, json.loads(content))
    except (ValueError, RecursionError):
        if answer.status >= 300:  # a proxy or a maintenance page speaks HTML: the status says enough
            return Answer(answer.status, headers)
        raise ForgeError("the forge answered with something that is no JSON", _AGAIN, lost=True) from None
