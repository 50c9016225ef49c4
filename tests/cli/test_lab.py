"""``glassnet lab``: start, respond and stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Glassnet


@contextmanager
def start_server(*arguments: str) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "glassnet", "lab", "--no-browser", *arguments]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        yield server
    finally:
        server.kill()
        server.communicate()


def read_address(server: "subprocess.Popen[str]") -> str:
    assert server.stdout is not None
    found = re.search(r"http://\S+", server.stdout.readline())
    assert found is not None
    return found[0]


def test_the_server_prints_its_address_responds_and_stops_on_ctrl_c() -> None:
    with start_server() as server:
        address = read_address(server)
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=60) as page:  # noqa: S310 - http
            assert b"glassnet Lab" in page.read()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=60)
        assert (out, err) == ("", "")
        assert server.returncode == 0


def test_other_hosts_need_the_printed_token() -> None:
    with start_server("--host", "0.0.0.0") as server:  # noqa: S104
        address = read_address(server)
        bare, _, token = address.partition("?token=")
        assert len(token) > 16
        with urllib.request.urlopen(address, timeout=60) as page:  # noqa: S310
            assert page.status == 200
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(bare, timeout=60)  # noqa: S310


def test_an_occupied_port_gets_one_line(glassnet: Glassnet) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = glassnet("lab", "--no-browser", "--port", str(port))
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith(f"glassnet: port: cannot listen on 127.0.0.1, port {port} (")


def test_an_unsuitable_model_gets_one_line(glassnet: Glassnet, bars: Path) -> None:
    done = glassnet("lab", "nowhere")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    train = ("--hidden", "4", "--epochs", "1", "--no-pictures", "--quiet", "--out", "run")
    assert glassnet("train", "--data", bars, *train).code == 0
    other = glassnet("lab", "run")
    assert other.code == 2
    assert "run: needs a network with 28 x 28 inputs, got one with 36" in other.err


def test_missing_packages_get_an_install_command(
    glassnet: Glassnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("glassnet.lab")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    done = glassnet("lab", "--no-browser")
    assert done.code == 2
    assert "pip install 'glassnet[lab]'" in done.err
    assert len(done.err.splitlines()) == 1
