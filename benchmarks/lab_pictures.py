"""Take pictures of the Lab's pages for the documents: python -m benchmarks.lab_pictures [FOLDER].

Opens the Lab, brings each page into a typical state and writes it to docs/lab as
WebP, light and dark, as wide as a desktop and as a phone. Needs Debian's chromium, Playwright,
and MNIST or the sample.
"""

import argparse
import contextlib
import io
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright
from rich.console import Console

Scheme = Literal["light", "dark"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
MOST_BYTES = 150_000  # of a picture
QUALITIES = (90, 80, 70, 60, 45, 30)  # of WebP, the first that is small enough
PATIENCE_MS = 180_000
THREE = "FBVPRVw1biuDKJcupDqpTKRfl2uFdnN7iH2chayVsamsvpzNiNVx1VzNTL4"  # drawn by hand


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A screen: its size in pixels, the height limit, and the pixel ratio."""

    name: str
    width: int
    height: int
    cut: int
    fineness: float


SCREENS = (
    Screen(name="desktop", width=1280, height=800, cut=1700, fineness=1.0),
    Screen(name="phone", width=390, height=844, cut=2000, fineness=1.5),
)


@dataclass(frozen=True)
class LabPage:
    """A page of the Lab: its address, an action, and an element that is there when it is ready."""

    name: str
    place: str
    ready: str
    act: Callable[[Page], None] | None = None


def _train(page: Page) -> None:
    page.locator("#start").click()


def _break(page: Page) -> None:
    page.locator("#break-vanishing-gradients").click()


def _open_mistake(page: Page) -> None:
    page.locator(".sheet .thumb").first.click()


PAGES = (
    LabPage("draw", f"draw?img=ink&ink={THREE}", ".stages li:last-child canvas"),
    LabPage("look", f"look?img=ink&ink={THREE}&unit=1.5", ".entry:not([hidden]) .sum"),
    LabPage("step", f"step?img=ink&ink={THREE}&beat=5", "#q-dW1 canvas"),
    LabPage("train", "train", ".pane[data-status=done] .weights canvas", _train),
    LabPage(
        "diagnosis",
        "diagnosis",
        "[data-status=done] ~ .finding[data-cause=vanishing-gradients]",
        _break,
    ),
    LabPage("mistakes", "mistakes", ".card h3 ~ .sheet figure", _open_mistake),
)


@contextlib.contextmanager
def open_lab() -> Iterator[str]:
    """Open the Lab, and close it again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "glassnet", "lab", "--no-browser", "--quiet")
    server = subprocess.Popen((*command, "--port", str(port)))
    address = f"http://127.0.0.1:{port}/"
    try:
        until = time.monotonic() + PATIENCE_MS / 1000
        while True:
            try:
                with urllib.request.urlopen(f"{address}api/lab"):  # noqa: S310 - our own
                    break
            except URLError:
                if server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def prepare(browser: Browser, address: str, lab_page: LabPage) -> tuple[str, StorageState]:
    """Bring a page into its state; return its address and the session."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{address}#{lab_page.place}")
    if lab_page.act is not None:
        lab_page.act(page)
    page.locator(lab_page.ready).first.wait_for()
    place, owner = page.url, context.storage_state()
    context.close()
    return place, owner


def take(
    browser: Browser,
    place: str,
    owner: StorageState,
    lab_page: LabPage,
    screen: Screen,
    scheme: Scheme,
) -> Image.Image:
    """Take a picture of a page, from its top to its end or to the height limit."""
    context = browser.new_context(
        locale="en-GB",
        reduced_motion="reduce",
        color_scheme=scheme,
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=screen.fineness,
        storage_state=owner,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(place)
    page.locator(lab_page.ready).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    taken = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled")))
    context.close()
    height = min(taken.height, round(screen.cut * screen.fineness))
    return taken.crop((0, 0, taken.width, height)).convert("RGB")


def pack(picture: Image.Image) -> bytes:
    """Write a picture as WebP, exactly where that is small enough."""
    packed = io.BytesIO()
    picture.save(packed, "WEBP", lossless=True, method=6)
    for quality in QUALITIES:
        if packed.tell() < MOST_BYTES:
            break
        packed = io.BytesIO()
        picture.save(packed, "WEBP", quality=quality, method=6)
    return packed.getvalue()


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of the Lab's pages.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs", "lab"))
    parser.add_argument("--pages", nargs="*", default=[lab_page.name for lab_page in PAGES])
    args = parser.parse_args()
    console = Console()
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        console.print("needs a browser: apt-get install chromium")
        return 1
    folder: Path = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    with open_lab() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        for lab_page in PAGES:
            if lab_page.name not in args.pages:
                continue
            place, owner = prepare(browser, address, lab_page)
            for screen in SCREENS:
                for scheme in SCHEMES:
                    picture = take(browser, place, owner, lab_page, screen, scheme)
                    file = folder / f"{lab_page.name}-{scheme}-{screen.name}.webp"
                    file.write_bytes(pack(picture))
                    size = f"{picture.width} x {picture.height}"
                    console.print(f"{file}: {size}, {file.stat().st_size // 1000} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
