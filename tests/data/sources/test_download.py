"""Downloads from a local server that may be slow, broken or send wrong files."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from glassnet.data.sources import download as downloads
from glassnet.data.sources import locate
from glassnet.data.sources.download import download, is_complete
from glassnet.data.sources.load import load_dataset
from glassnet.data.sources.registry import IDX_FILES, REGISTRY, RegistryEntry
from glassnet.errors import DataNotFoundError
from tests.data.makers import idx_bytes, images_and_labels

IMAGES, LABELS = images_and_labels(30, 4, 4)
CONTENT = {
    name: idx_bytes(IMAGES if "images" in name else LABELS.astype("uint8")) for name in IDX_FILES
}
TIMEOUT = 1.0  # instead of 5 seconds


class Server(ThreadingHTTPServer):
    """Server of ``/<behaviour>/<file>`` that records the requested paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.is_closing = threading.Event()

    def mirror(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{behaviour}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        _, behaviour, name = self.path.split("/")
        self.server.asked.append(self.path)
        getattr(self, f"_{behaviour}")(CONTENT[name])

    def _begin(self, length: int | None, code: int = 200) -> None:
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _good(self, content: bytes) -> None:
        self._begin(len(content))
        self.wfile.write(content)

    def _alive(self, content: bytes) -> None:
        """Send a file in more than TIMEOUT seconds, with shorter pauses."""
        self._begin(len(content))
        pieces = 5
        for number in range(pieces):
            start, end = (len(content) * k // pieces for k in (number, number + 1))
            self.wfile.write(content[start:end])
            self.wfile.flush()
            self.server.is_closing.wait(TIMEOUT / 2.5)

    def _silent(self, content: bytes) -> None:
        self.server.is_closing.wait(20)

    def _headers(self, content: bytes) -> None:
        """Send an endless sequence of headers."""
        self.send_response(200)
        self.flush_headers()
        while not self.server.is_closing.wait(TIMEOUT / 10):
            self.wfile.write(b"X-More: yes\r\n")

    def _stalls(self, content: bytes) -> None:
        self._begin(len(content))
        self.wfile.write(content[:50])
        self.wfile.flush()
        self.server.is_closing.wait(20)

    def _cut(self, content: bytes) -> None:
        self._begin(len(content))
        self.wfile.write(content[: len(content) // 2])

    def _short(self, content: bytes) -> None:
        self._begin(len(content) // 2)
        self.wfile.write(content)

    def _long(self, content: bytes) -> None:
        self._begin(len(content) + 10)
        self.wfile.write(content)

    def _endless(self, content: bytes) -> None:
        self._begin(None)
        while not self.server.is_closing.is_set():
            self.wfile.write(bytes(1 << 16))

    def _wrong(self, content: bytes) -> None:
        self._good(bytes(reversed(content)))

    def _page(self, content: bytes) -> None:
        self._good(b"<html>Please sign in</html>")

    def _missing(self, content: bytes) -> None:
        self._begin(0, 404)

    def _broken(self, content: bytes) -> None:
        self._begin(0, 500)

    def _nothing(self, content: bytes) -> None:
        self._good(b"")


Mirrors = Callable[..., RegistryEntry]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "TIMEOUT", TIMEOUT)
    monkeypatch.setattr(downloads, "MAX_FILE", 1_000_000)
    monkeypatch.setattr(downloads, "CHUNK", 10)
    with Server() as started:
        thread = threading.Thread(target=started.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setattr(started, "handle_error", lambda *arguments: None)
        yield started
        started.is_closing.set()
        started.shutdown()
        thread.join()


@pytest.fixture
def mirrors(server: Server) -> Mirrors:
    def make(*behaviours: str) -> RegistryEntry:
        addresses = (b if "/" in b else server.mirror(b) for b in behaviours)
        sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
        return replace(REGISTRY["mnist"], mirrors=tuple(addresses), sha256=sha256, n_bytes=2_000)

    return make


def read_folder(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_files_are_downloaded_with_progress(
    tmp_path: Path, mirrors: Mirrors, server: Server
) -> None:
    progress: list[tuple[int, int]] = []
    entry = mirrors("good")
    download(
        "mnist", entry, tmp_path / "new" / "mnist", lambda n, total: progress.append((n, total))
    )
    assert read_folder(tmp_path / "new" / "mnist") == CONTENT
    assert is_complete(tmp_path / "new" / "mnist", entry)
    assert progress == sorted(progress)
    assert progress[-1][0] == sum(map(len, CONTENT.values()))
    assert len(server.asked) == 4


def test_only_missing_or_damaged_files_are_downloaded(
    tmp_path: Path, mirrors: Mirrors, server: Server
) -> None:
    entry = mirrors("good")
    download("mnist", entry, tmp_path)
    download("mnist", entry, tmp_path)
    assert len(server.asked) == 4
    path = tmp_path / IDX_FILES[2]
    path.write_bytes(CONTENT[IDX_FILES[2]][:-1])
    assert not is_complete(tmp_path, entry)
    download("mnist", entry, tmp_path)
    assert server.asked[4:] == [f"/good/{IDX_FILES[2]}"]
    assert read_folder(tmp_path) == CONTENT


def test_a_slow_transfer_continues(tmp_path: Path, mirrors: Mirrors) -> None:
    entry = mirrors("alive")
    first = {IDX_FILES[0]: (entry.sha256 or {})[IDX_FILES[0]]}
    started = time.monotonic()
    download("mnist", replace(entry, sha256=first), tmp_path)
    assert time.monotonic() - started > TIMEOUT
    assert read_folder(tmp_path) == {IDX_FILES[0]: CONTENT[IDX_FILES[0]]}


BAD = {
    "silent": "no response within",
    "headers": "no response within",
    "stalls": "no more data for 1 s",
    "cut": "",
    "short": f"{IDX_FILES[0]} has a wrong checksum",
    "long": "",
    "endless": "has more than",
    "wrong": f"{IDX_FILES[0]} has a wrong checksum",
    "page": f"{IDX_FILES[0]} has a wrong checksum",
    "missing": "HTTP 404",
    "broken": "HTTP 500",
    "nothing": f"{IDX_FILES[0]} has a wrong checksum",
    "http://127.0.0.1:9/": "Connection refused",
    "http://no-such-host.invalid/": "",
}


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_mirror_raises_with_advice_and_leaves_no_files(
    tmp_path: Path, mirrors: Mirrors, behaviour: str
) -> None:
    with pytest.raises(DataNotFoundError) as raised:
        download("mnist", mirrors(behaviour), tmp_path)
    assert not read_folder(tmp_path)
    message = str(raised.value)
    assert message.isprintable()
    assert message.startswith("mnist: not found on this machine, and cannot be downloaded (")
    assert BAD[behaviour] in message
    assert "GLASSNET_DATA" in message
    assert len(message) < 450


@pytest.mark.parametrize("behaviour", BAD)
def test_the_next_mirror_is_tried(
    tmp_path: Path,
    mirrors: Mirrors,
    server: Server,
    behaviour: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT", 8.0)  # for the good mirror, on a busy machine
    download("mnist", mirrors(behaviour, "good"), tmp_path)
    assert read_folder(tmp_path) == CONTENT
    assert sum("/good/" in path for path in server.asked) == 4
    assert len(server.asked) <= 5, "a bad mirror is asked once"


@pytest.mark.parametrize("behaviour", ["silent", "headers"])
def test_unresponsive_mirrors_share_the_timeout(
    tmp_path: Path, mirrors: Mirrors, behaviour: str
) -> None:
    with pytest.raises(DataNotFoundError, match=r"no response within 0\.25 s"):
        download("mnist", mirrors(*[behaviour] * 4), tmp_path)


def test_a_hanging_dns_lookup_is_abandoned(
    tmp_path: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    is_over = threading.Event()
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", lambda *_: is_over.wait())
    with pytest.raises(DataNotFoundError, match="no response within 1 s"):
        download("mnist", mirrors("good"), tmp_path)
    is_over.set()
    assert not read_folder(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, mirrors: Mirrors) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DataNotFoundError, match="GLASSNET_CACHE") as raised:
        download("mnist", mirrors("good"), file / "mnist")
    assert str(raised.value).startswith(f"mnist: cannot be saved in {file / 'mnist'}: ")


def test_a_name_is_downloaded_once_and_then_found(
    tmp_path: Path, mirrors: Mirrors, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GLASSNET_DATA", raising=False)
    monkeypatch.setattr(locate, "REGISTRY", {"mnist": mirrors("good")})
    assert locate.locate("mnist") == tmp_path / "cache" / "mnist"
    with pytest.raises(DataNotFoundError, match="glassnet data fetch mnist"):
        locate.find("mnist")
    for _ in range(2):
        dataset = load_dataset("mnist", validation=0)
        assert dataset.test is not None
        assert (dataset.train.images == IMAGES).all()
    assert len(server.asked) == 4
    assert locate.find("mnist") == locate.locate("mnist") == tmp_path / "cache" / "mnist"


FETCH = """
import sys
from pathlib import Path
from glassnet.data.sources.registry import RegistryEntry
from glassnet.data.sources.download import download
mirror, folder, *pairs = sys.argv[1:]
sha256 = dict(pair.split("=") for pair in pairs)
entry = RegistryEntry(credits="", licence="", mirrors=(mirror,), sha256=sha256)
download("mnist", entry, Path(folder))
"""


@pytest.mark.parametrize("behaviour", ["good", "alive"])
def test_two_processes_can_download_concurrently(
    tmp_path: Path, mirrors: Mirrors, behaviour: str
) -> None:
    entry = mirrors(behaviour)
    pairs = [f"{name}={digest}" for name, digest in (entry.sha256 or {}).items()]
    pairs = pairs if behaviour == "good" else pairs[:1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", FETCH, entry.mirrors[0], str(tmp_path / "mnist"), *pairs]
    started = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(3)]
    for process in started:
        assert process.communicate()[1] == b""
        assert process.returncode == 0
    names = IDX_FILES[: len(pairs)]
    assert read_folder(tmp_path / "mnist") == {name: CONTENT[name] for name in names}
