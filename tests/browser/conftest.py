"""A browser, and a run with its report to look at.

The browser is Debian's chromium, driven by Playwright. Where there is none the tests are skipped,
by name; with GLASSNET_BROWSER=required they fail instead.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from glassnet.cli import main

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 180_000  # on a machine that is busy with other things, a browser takes its time
QUIET = (
    "--no-sandbox",  # in containers there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        told = "needs a browser: apt-get install chromium"
        if os.environ.get("GLASSNET_BROWSER") == "required":
            pytest.fail(told)
        pytest.skip(told)
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
