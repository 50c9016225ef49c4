"""Take screenshots of the Lab for the documentation: python -m benchmarks.lab_pictures [FOLDER].

Opens the Lab, brings each page into a typical state and writes screenshots to docs/lab as WebP,
light and dark, in the widths of a desktop and a phone; readme.webp is the upper part of one. Needs
Debian's chromium, Playwright, and MNIST or the sample.
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
MAX_BYTES = 150_000  # of a screenshot
QUALITIES = (90, 80, 70, 60, 45, 30)  # of WebP, tried in order
TIMEOUT_MS = 180_000
README_PICTURE = "look-light-desktop.webp"
README_HEIGHT = 1052  # down to the weights of the open unit
THREE = "FBVPRVw1biuDKJcupDqpTKRfl2uFdnN7iH2chayVsamsvpzNiNVx1VzNTL4"  # a drawn 3, encoded


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Screen: size in pixels, height limit and pixel ratio."""

    name: str
    width: int
    height: int
    max_height: int
    pixel_ratio: float


SCREENS = (
    Screen(name="desktop", width=1280, height=800, max_height=1700, pixel_ratio=1.0),
    Screen(name="phone", width=390, height=844, max_height=2000, pixel_ratio=1.5),
)


@dataclass(frozen=True)
class LabPage:
    """Page of the Lab: address, action, and the selector of an element that marks it as ready."""

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
    """Start the Lab, yield its address, and stop it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "glassnet", "lab", "--no-browser", "--quiet")
    server = subprocess.Popen((*command, "--port", str(port)))
    address = f"http://127.0.0.1:{port}/"
    try:
        until = time.monotonic() + TIMEOUT_MS / 1000
        while True:
            try:
                with urllib.request.urlopen(f"{address}api/lab"):  # noqa: S310 - local
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
    """Bring a page into its typical state; return its address and session."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    page.goto(f"{address}#{lab_page.place}")
    if lab_page.act is not None:
        lab_page.act(page)
    page.locator(lab_page.ready).first.wait_for()
    place, session = page.url, context.storage_state()
    context.close()
    return place, session


def take_screenshot(
    browser: Browser,
    place: str,
    session: StorageState,
    lab_page: LabPage,
    screen: Screen,
    scheme: Scheme,
) -> Image.Image:
    """Take a screenshot of a page, cropped at the height limit."""
    context = browser.new_context(
        locale="en-GB",
        reduced_motion="reduce",
        color_scheme=scheme,
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=screen.pixel_ratio,
        storage_state=session,
    )
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    page.goto(place)
    page.locator(lab_page.ready).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    screenshot = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled")))
    context.close()
    height = min(screenshot.height, round(screen.max_height * screen.pixel_ratio))
    return screenshot.crop((0, 0, screenshot.width, height)).convert("RGB")


def pack(picture: Image.Image) -> bytes:
    """Encode a screenshot as WebP, lossless if that is small enough."""
    packed = io.BytesIO()
    picture.save(packed, "WEBP", lossless=True, method=6)
    for quality in QUALITIES:
        if packed.tell() < MAX_BYTES:
            break
        packed = io.BytesIO()
        picture.save(packed, "WEBP", quality=quality, method=6)
    return packed.getvalue()


def main() -> int:
    """Take all screenshots."""
    parser = argparse.ArgumentParser(description="Take screenshots of the Lab's pages.")
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
            place, session = prepare(browser, address, lab_page)
            for screen in SCREENS:
                for scheme in SCHEMES:
                    picture = take_screenshot(browser, place, session, lab_page, screen, scheme)
                    file = folder / f"{lab_page.name}-{scheme}-{screen.name}.webp"
                    file.write_bytes(pack(picture))
                    if file.name == README_PICTURE:
                        upper = picture.crop((0, 0, picture.width, README_HEIGHT))
                        (folder / "readme.webp").write_bytes(pack(upper))
                    size = f"{picture.width} x {picture.height}"
                    console.print(f"{file}: {size}, {file.stat().st_size // 1000} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
