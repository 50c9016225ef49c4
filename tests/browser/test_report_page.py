"""The report in a browser: content, accessibility, and no requests to other hosts."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from glassnet import Report, evaluate, load
from glassnet.runs.eval_split import choose_split
from glassnet.runs.training_hashes import read_training_hashes
from tests.browser.conftest import PATIENCE_MS

Open = Callable[..., Page]


@pytest.fixture
def open_report(browser: Browser, run: Path) -> Iterator[Open]:
    """Open the report in a new window; an error in it fails the test."""
    contexts, wrong = [], []

    def show(width: int = 1100, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        address = (run / "report.html").as_uri()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(("data:", address)) else wrong.append(request.url)
            ),
        )
        page.goto(address)
        return page

    yield show
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def report(run: Path) -> Report:
    _, split = choose_split(run, None)
    return evaluate(load(run), split, read_training_hashes(run))


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (1100, "dark"), (360, "light")])
def test_the_report_is_accessible_in_both_themes(
    open_report: Open, width: int, scheme: str
) -> None:
    page = open_report(width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.locator("button[popovertarget]").first.click()
    found = Axe().run(page).response["violations"]
    bad = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] != "minor"]
    assert bad == []


@pytest.mark.parametrize("width", [360, 1100])
def test_the_page_does_not_scroll_sideways(open_report: Open, width: int) -> None:
    page = open_report(width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_numbers_are_the_reports(open_report: Open, report: Report) -> None:
    page = open_report()
    expect(page.locator("#accuracy")).to_have_text(f"{report.accuracy:.2%}")
    expect(page.locator("#calibration p").first).to_contain_text(f"{report.calibration_error:.2%}")
    cells = page.locator(".matrix tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('td')].map(td => +td.innerText))"
    )
    assert cells == report.confusion.tolist()
    rows = page.locator("#classes tbody tr").all_inner_texts()
    for row, score in zip(rows, report.per_class, strict=True):
        shares = (f"{share:.2%}" for share in (score.precision, score.recall, score.f1))
        assert row.split() == [str(score.label), *shares, f"{score.n:,}"]
    gallery = page.locator(".gallery > li").all_inner_texts()
    assert len(gallery) == len(report.mistakes)
    for text, mistake in zip(gallery, report.mistakes, strict=True):
        assert f"is {mistake.label}, read as {mistake.prediction}" in text
        assert f"{mistake.prediction}\n{mistake.probability:.1%}".replace("\n", "") in re.sub(
            r"\s", "", text
        )


def test_a_cell_opens_its_images_by_mouse_and_by_keyboard(
    open_report: Open, report: Report
) -> None:
    page = open_report()
    worst = report.confusions[0]
    panel = page.locator(f"#cell-{worst.label}-{worst.prediction}")
    expect(panel).to_be_hidden()
    button = page.get_by_role(
        "button", name=f"{worst.label} read as {worst.prediction}: {worst.count}", exact=True
    )
    button.click()
    expect(panel).to_be_visible()
    assert panel.locator("img").count() == min(worst.count, 24)
    widths = panel.locator("img").evaluate_all("all => all.map(img => img.naturalWidth)")
    assert set(widths) == {28}  # they are decoded
    expect(panel.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    page.keyboard.press("Enter")  # on Close, which has the focus
    expect(panel).to_be_hidden()


def test_it_prints(open_report: Open) -> None:
    page = open_report()
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator(".gallery img").first).to_be_visible()


def test_the_dark_scheme_is_dark(open_report: Open) -> None:
    shown = {}
    for scheme in ("light", "dark"):
        colour = open_report(scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        shown[scheme] = sum(map(int, re.findall(r"\d+", colour)))
    assert shown["dark"] < 150 < 600 < shown["light"]
