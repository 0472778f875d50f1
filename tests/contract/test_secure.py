"""The client over TLS, with a certificate of one's own and through a proxy."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator

import pytest

from gatekeeper.edges.forge import Forge
from gatekeeper.edges.forge_exchange import Limits
from gatekeeper.model.forge import ForgeError
from tests.contract.fake_forge import TOKEN, FakeForge, serving
from tests.contract.hands import Hands

PULL = "/repos/Codertocat/Hello-World/pulls/2"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The files of a certificate for localhost that nobody knows, and of its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    files = (str(folder / "certificate.pem"), str(folder / "secret.pem"))
    line = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    line += ["-addext", "subjectAltName=DNS:localhost", "-out", files[0], "-keyout", files[1]]
    subprocess.run(line, check=True, capture_output=True)
    return files


@pytest.fixture
def secure(certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeForge]:
    """A forge behind TLS, at localhost."""
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with serving(FakeForge(), context) as fake:
        fake.address = fake.address.replace("http://127.0.0.1", "https://localhost")
        yield fake


def read(address: str, hands: Hands, limits: Limits | None = None) -> object:
    return Forge(address, TOKEN, hands.clock, limits or Limits()).get(PULL, "reading").document


def test_a_server_that_cannot_prove_who_it_is_gets_no_token(secure: FakeForge, hands: Hands) -> None:
    with pytest.raises(ForgeError, match="could not prove who it is") as caught:
        read(secure.address, hands)
    assert "SSL_CERT_FILE" in caught.value.hint
    assert secure.seen == []
    assert hands.waits == []


def test_certificates_of_ones_own_are_heeded(
    secure: FakeForge, hands: Hands, certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    assert isinstance(read(secure.address, hands), dict)
    with pytest.raises(ForgeError, match="could not prove"):  # the certificate is for another name
        read(secure.address.replace("localhost", "127.0.0.1"), hands)


@contextlib.contextmanager
def proxy(heard: list[bytes]) -> Iterator[str]:
    """A proxy that connects whoever asks, and remembers all that it could read."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                heard.append(data)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            near, _ = server.accept()
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += near.recv(4096)
            heard.append(asked)
            far = socket.create_connection(("127.0.0.1", int(asked.split()[1].rpartition(b":")[2])))
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(far, near))
            back.start()
            pump(near, far)
            back.join()
            near.close()
            far.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://me:secret@127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_a_proxy_is_used_and_cannot_read_the_token(
    secure: FakeForge, hands: Hands, certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    heard: list[bytes] = []
    with proxy(heard) as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        assert isinstance(read(secure.address, hands), dict)
    assert heard[0].startswith(b"CONNECT localhost:")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in heard[0]
    assert TOKEN.encode() not in b"".join(heard)
    assert secure.seen[0].authorization == f"Bearer {TOKEN}"
    assert "proxy-authorization" not in secure.seen[0].headers


def test_who_does_not_shake_hands_is_not_waited_for(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"https://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ForgeError, match=r"did not answer within 0\.2 s"):
            read(address, hands, Limits(total=0.2))


@pytest.mark.parametrize(
    "address", ["http://proxy:port", "socks5://proxy:1", "http://[::1", "http://:1", "http://proxy:999999"]
)
def test_a_proxy_that_is_none_is_told(hands: Hands, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    monkeypatch.delenv("https_proxy", raising=False)
    with pytest.raises(ForgeError) as caught:
        read("https://localhost:1", hands)
    assert "HTTPS_PROXY" in caught.value.hint
    assert hands.waits == []
