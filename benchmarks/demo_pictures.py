"""Run the demo and write its pictures to docs/images: python -m benchmarks.demo_pictures.

The head of its report is photographed with Debian's chromium, driven by Playwright.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console

from benchmarks.lab_pictures import BROWSERS

IMAGES = Path("docs", "images").resolve()
PICTURES = ("curves.png", "confusion.png", "mistakes.png", "reliability.png")
WIDTH, HEIGHT = 1000, 1490  # of the report's head, down to the end of the curves


def main() -> int:
    """Run the demo in a temporary folder and copy its pictures; return the exit status."""
    console = Console()
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        console.print("needs a browser: apt-get install chromium")
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run = Path(folder, "runs", "fast-1")
        for command in (
            ("train", "--data", "sample", "--seed", "0", "--quiet", "--out", "runs/fast-1"),
            ("report", "runs/fast-1", "--quiet"),
        ):
            subprocess.run([sys.executable, "-m", "glassnet", *command], cwd=folder, check=True)
        for name in PICTURES:
            shutil.copy(run / name, IMAGES / name)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(
            locale="en-GB", color_scheme="light", viewport={"width": WIDTH, "height": HEIGHT}
        )
        page.goto((run / "report.html").as_uri())
        page.screenshot(path=IMAGES / "report.png")
        browser.close()
    console.print(f"{IMAGES}: {', '.join([*PICTURES, 'report.png'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
