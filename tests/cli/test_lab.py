"""``glassnet lab``: opens, answers, and ends."""

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
def started(*arguments: str) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "glassnet", "lab", "--no-browser", *arguments]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        yield server
    finally:
        server.kill()
        server.communicate()


def address_of(server: "subprocess.Popen[str]") -> str:
    assert server.stdout is not None
    found = re.search(r"http://\S+", server.stdout.readline())
    assert found is not None
    return found[0]


def test_it_says_where_answers_there_and_ends_with_ctrl_c() -> None:
    with started() as server:
        address = address_of(server)
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=60) as page:  # noqa: S310 - http
            assert b"glassnet Lab" in page.read()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=60)
        assert (out, err) == ("", "")
        assert server.returncode == 0


def test_others_need_the_token_that_it_prints() -> None:
    with started("--host", "0.0.0.0") as server:  # noqa: S104
        address = address_of(server)
        bare, _, token = address.partition("?token=")
        assert len(token) > 16
        with urllib.request.urlopen(address, timeout=60) as page:  # noqa: S310
            assert page.status == 200
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(bare, timeout=60)  # noqa: S310


def test_a_port_that_is_taken_gets_one_line(glassnet: Glassnet) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = glassnet("lab", "--no-browser", "--port", str(port))
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith(f"glassnet: port: cannot listen at 127.0.0.1, port {port} (")


def test_a_model_that_is_none_gets_one_line(glassnet: Glassnet, bars: Path) -> None:
    done = glassnet("lab", "nowhere")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    train = ("--hidden", "4", "--epochs", "1", "--no-pictures", "--quiet", "--out", "run")
    assert glassnet("train", "--data", bars, *train).code == 0
    other = glassnet("lab", "run")
    assert other.code == 2
    assert "run: needs a network of 28 x 28 pixels, got one of 36 inputs" in other.err


def test_without_its_packages_it_says_which_to_install(
    glassnet: Glassnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("glassnet.lab")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    done = glassnet("lab", "--no-browser")
    assert done.code == 2
    assert "pip install 'glassnet[lab]'" in done.err
    assert len(done.err.splitlines()) == 1
