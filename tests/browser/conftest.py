"""Fixtures: a browser, a run with its report, and the Lab.

The browser is Debian's chromium, driven by Playwright. Without one the tests are skipped; with
GLASSNET_BROWSER=required they fail instead.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.error import URLError

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

import glassnet as gn
from glassnet.cli import main
from glassnet.lab.catalog import Catalog, Pictures

NAMES = ("chromium", "chromium-browser", "google-chrome")
# A browser is slow on a busy machine.
PATIENCE_MS = int(os.environ.get("GLASSNET_BROWSER_PATIENCE_MS", "180000"))
QUIET = (
    "--no-sandbox",  # in containers there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "needs a browser: apt-get install chromium"
        if os.environ.get("GLASSNET_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=list(QUIET), timeout=PATIENCE_MS
        )
        expect.set_options(timeout=PATIENCE_MS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that makes some mistakes, with its report."""
    folder = tmp_path_factory.mktemp("browser") / "a <run> & more"
    train = ("--data", "sample", "--hidden", "32", "--epochs", "8", "--no-pictures")
    assert main(["train", *train, "--out", str(folder), "--quiet"]) == 0
    assert main(["report", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Lab started by ``glassnet lab``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("lab") / "log.txt"
    command = (sys.executable, "-m", "glassnet", "lab", "--no-browser", "--port", str(port))
    with log.open("w") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert "Traceback" not in log.read_text()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}api/lab", timeout=30):  # noqa: S310 - our own
                return
        except URLError:
            time.sleep(0.05)
    pytest.fail(f"the Lab did not open: {log.read_text()}")


class Visit:
    """Windows on the Lab, each with separate cookies; `end` asserts that none had an error.

    Parameters
    ----------
    lab : str
        Address.

    Attributes
    ----------
    wrong : list of str
        Console messages, exceptions, failed requests, and requests to other hosts.
    forgiven : list of str
        Patterns of the expected ones.
    """

    def __init__(self, browser: Browser, lab: str) -> None:
        self.browser, self.lab = browser, lab
        self.contexts: list[BrowserContext] = []
        self.wrong: list[str] = []
        self.forgiven: list[str] = []

    def __call__(
        self,
        place: str = "draw",
        *,
        width: int = 1280,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        motion: Literal["reduce", "no-preference"] = "reduce",
        **more: Any,
    ) -> Page:
        """Open a window at ``page?key=value&...``, and wait for the page.

        Animations are off by default, so that no moving element is clicked.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion=motion,
            **{"locale": "en-GB"} | more,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        self._watch(page)
        page.goto(f"{self.lab}#{place}")
        expect(page.locator("main h1")).to_be_visible()
        return page

    def _watch(self, page: Page) -> None:
        page.on(
            "console",
            lambda message: (
                self.wrong.append(f"{message.type}: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", self._check_host)
        page.on(
            "requestfailed",
            lambda one: (
                None  # aborted by leaving the page
                if one.failure == "net::ERR_ABORTED"
                else self.wrong.append(f"{one.failure}: {one.url}")
            ),
        )
        page.on(
            "response",
            lambda one: self.wrong.append(f"{one.status}: {one.url}") if one.status > 399 else None,
        )

    def _check_host(self, request: Request) -> None:
        if not request.url.startswith((self.lab, "data:", "blob:")):
            self.wrong.append(f"to another host: {request.url}")

    def end(self) -> None:
        """Close all windows, delete their runs, and assert that nothing went wrong."""
        for context in self.contexts:
            for page in context.pages:
                page.close()  # it would still request them
            for run in context.request.get(f"{self.lab}api/runs").json():
                context.request.delete(f"{self.lab}api/runs/{run['id']}")
            context.close()
        wrong = [one for one in self.wrong if not any(re.search(why, one) for why in self.forgiven)]
        assert wrong == []


@pytest.fixture
def visit(browser: Browser, lab: str) -> Iterator[Visit]:
    """Open windows on the Lab; an error in any of them fails the test."""
    visit = Visit(browser, lab)
    yield visit
    visit.end()


@pytest.fixture
def page(visit: Visit) -> Page:
    """A window on the Lab's first page."""
    return visit()


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    """The images available to the Lab."""
    found = Catalog().pictures
    if found is None:
        pytest.skip("needs MNIST (glassnet data fetch mnist) or pip install 'glassnet[sample]'")
    return found


@pytest.fixture(scope="session")
def traced(pictures: Pictures) -> gn.Trace:
    """One step of the Lab's small network with test image 12, computed here."""
    network = Catalog().model("784-32-10").network
    image, label = pictures.image("test", 12)
    return gn.trace(network.astype(np.float64), image, label, 0.1)
