"""Every page: accessibility, layout, keyboard, languages, history and connection."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import glassnet
from glassnet.lab.api.words import english_words
from glassnet.lab.catalog import Pictures
from glassnet.lab.web.errors import KINDS
from tests.browser.conftest import Visit
from tests.browser.hands import THREE, with_mouse

STATIC = Path(glassnet.__file__).parent / "lab" / "static"
PAGES = ("draw", "look", "step", "train", "diagnosis", "mistakes")
ENLARGED = (640, 320)  # a window of 1280, twice and four times as large
PHONE = {"width": 390, "height": 844}
# Keys that the page shows instead of their words.
RAW = """keys => {
    const found = [];
    const look = text => { if (keys.has(text.trim())) found.push(text.trim()); };
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) look(walk.currentNode.data);
    for (const one of document.querySelectorAll("*"))
        for (const name of ["aria-label", "title", "alt", "placeholder"])
            look(one.getAttribute(name) ?? "");
    return found;
}"""
UNNAMED = """() => [...document.querySelectorAll("canvas, img, svg, [role=img]")]
    .filter(one => !one.closest("[aria-hidden=true]") && one.checkVisibility()
        && !one.closest("button, a")?.getAttribute("aria-label")
        && !(one.getAttribute("aria-label") ?? one.getAttribute("alt") ?? "").trim())
    .map(one => one.outerHTML.slice(0, 100))"""
REACHABLE = """() => [...document.querySelectorAll(
        "main :is(a[href], button, input, select, textarea, summary, [tabindex='0'])")]
    .filter(one => !one.disabled && one.tabIndex >= 0 && one.checkVisibility())
    .map(one => { one.dataset.wanted = ""; }).length"""


def settled(page: Page, page_name: str) -> None:
    """Wait until a page has rendered its data."""
    shown = {
        "draw": ".examples .thumb",
        "look": ".class .value",
        "step": ".quantity",
        "train": ".live > *",
        "diagnosis": ".findings > *",
        "mistakes": ".sheet .thumb",
    }
    expect(page.locator(shown[page_name])).not_to_have_count(0)


def furnish(page: Page, page_name: str) -> None:
    """Open the parts of a page that a visitor opens."""
    settled(page, page_name)
    if page_name == "draw":
        with_mouse(page, THREE)
        expect(page.locator(".stages li")).not_to_have_count(0)
    if page_name == "look":
        page.locator("#u1-3").click()
        expect(page.locator(".entry")).to_be_visible()
    if page_name == "step":
        page.locator("#next").click()
        page.locator("#q-z1 .map").click()
        expect(page.locator(".entry")).to_be_visible()
    if page_name in ("train", "diagnosis"):
        page.locator("#break-zero-initialisation").click()
        expect(page.locator(".finding")).not_to_have_count(0)
    if page_name == "mistakes":
        page.locator(".sheet .thumb").first.click()
        expect(page.locator(".card:has(h3) figure")).not_to_have_count(0)


def overflow(page: Page) -> list[str]:
    """Return the elements wider than the window."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll("body *")]
                .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
                .map(one => one.outerHTML.slice(0, 120))"""
    )
    return found


@pytest.mark.parametrize("page_name", PAGES)
def test_a_page_is_accessible_on_desktop_and_phone(
    visit: Visit, pictures: Pictures, page_name: str
) -> None:
    """In both themes and two sizes: axe, horizontal overflow, text alternatives, motion."""
    page = visit(page_name, motion="reduce")
    furnish(page, page_name)
    moving = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
    bad = []
    for width, height in ((1280, 900), (PHONE["width"], PHONE["height"])):
        page.set_viewport_size({"width": width, "height": height})
        assert overflow(page) == []
        assert (
            page.locator(".top").evaluate("one => one.offsetHeight") < 130
        )  # leaves room for the page
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            for one in Axe().run(page).response["violations"]:
                if one["impact"] in ("serious", "critical"):
                    nodes = [node["html"][:150] for node in one["nodes"][:3]]
                    bad.append(f"{width} {theme} {one['id']}: {nodes}")
    assert bad == []
    assert page.evaluate(UNNAMED) == []


@pytest.mark.parametrize("page_name", PAGES)
def test_every_control_is_reached_with_tab_and_shows_its_focus(
    visit: Visit, pictures: Pictures, page_name: str
) -> None:
    page = visit(page_name)
    settled(page, page_name)
    n = page.evaluate(REACHABLE)
    page.keyboard.press("Tab")
    skip = page.locator("#skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert f"#{page_name}" in page.url  # still on the page
    reached, without = 0, []
    for _ in range(n):
        page.keyboard.press("Tab")
        is_wanted, is_outlined, html = page.evaluate(
            """() => {
                const one = document.activeElement;
                const style = getComputedStyle(one);
                const isWanted = "wanted" in one.dataset;
                delete one.dataset.wanted;
                const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
                return [isWanted, isSeen, one.outerHTML.slice(0, 80)];
            }"""
        )
        reached += is_wanted
        if not is_outlined:
            without.append(html)
    assert without == []
    assert reached == n


@pytest.mark.parametrize("page_name", PAGES)
def test_both_languages_have_all_words_and_no_overflow(
    visit: Visit, pictures: Pictures, page_name: str
) -> None:
    keys = list(json.loads((STATIC / "words" / "en.json").read_text("utf-8")))
    raw = f"(keys => ({RAW})(new Set(keys)))"
    page = visit(page_name, width=ENLARGED[0], height=450, device_scale_factor=2)
    furnish(page, page_name)
    assert overflow(page) == []
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate(raw, [key for key in keys if "." in key]) == []
    title = page.locator("h1").inner_text()
    page.locator(".menu summary").click()
    page.locator("#language").select_option("de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("h1")).not_to_have_text(title)
    settled(page, page_name)
    assert page.evaluate(raw, [key for key in keys if "." in key]) == []
    assert "lang=de" in page.url
    for width in (*ENLARGED, PHONE["width"]):  # German is longer
        page.set_viewport_size({"width": width, "height": 450})
        assert overflow(page) == []


def test_the_language_is_that_of_the_browser(visit: Visit) -> None:
    page = visit(locale="de-AT")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    other = visit(locale="fr-FR")
    expect(other.locator("html")).to_have_attribute("lang", "en")


def read_words(code: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((STATIC / "words" / f"{code}.json").read_text("utf-8"))
    return words


def test_both_languages_have_the_same_words_and_placeholders() -> None:
    english, german = read_words("en") | english_words(), read_words("de")
    errors = {f"error.{kind}" for kind in KINDS}  # whose English line comes from the server
    assert not set(read_words("en")) & (set(english_words()) | errors)
    assert set(english) | errors == set(german)
    for key, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", german[key])), key
        assert german[key].strip(), key


def test_every_key_in_the_source_has_words() -> None:
    words = read_words("de")
    n = 0
    for path in STATIC.glob("js/**/*.js"):
        source = path.read_text("utf-8")
        for key in re.findall(r"""\b(?:t|has)\(\s*["']([^"']+)["']""", source):
            n += 1
            assert key in words, f"{path.name}: {key}"
        for start in re.findall(r"\b(?:t|has)\(`([^`$]+)\$\{", source):
            n += 1
            assert any(key.startswith(start) for key in words), f"{path.name}: {start}"
    assert n > 150


def test_the_page_paints_soon_and_is_small(visit: Visit) -> None:
    page = visit()
    settled(page, "draw")
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)"
    )
    sent = page.evaluate(
        """performance.getEntriesByType("resource").map(one => [one.name, one.encodedBodySize])"""
    )
    n_bytes = sum(size for name, size in sent if "/api/" not in name)
    print(f"first paint {paint[0]:.0f} ms, static files {n_bytes / 1000:.0f} kB")  # noqa: T201
    assert paint[0] < 2_000
    assert 10_000 < n_bytes < 1_000_000
    assert sum(path.stat().st_size for path in STATIC.rglob("*.*")) < 1_000_000


def test_back_and_forward_move_between_pages(page: Page) -> None:
    for page_name in ("look", "step"):
        page.locator(f"nav a[href^='#{page_name}']").click()
        settled(page, page_name)
    page.go_back()
    expect(page.locator("nav [aria-current]")).to_have_text("Look inside")
    settled(page, "look")
    page.go_back()
    expect(page.locator(".pad")).to_be_visible()
    page.go_forward()
    settled(page, "look")


def test_a_lost_connection_is_shown_and_resumed(visit: Visit) -> None:
    visit.forgiven += ["ERR_INTERNET_DISCONNECTED", "Failed to fetch"]
    page = visit()
    settled(page, "draw")
    page.context.set_offline(True)
    with_mouse(page, THREE)
    expect(page.locator("html")).to_have_class(re.compile("lost"))
    page.context.set_offline(False)
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator("html")).not_to_have_class(re.compile("lost"))


def test_the_menu_fits_on_a_phone(visit: Visit) -> None:
    page = visit(width=PHONE["width"], height=PHONE["height"], locale="de-DE")
    page.locator(".menu summary").click()
    for one in page.locator(".menu label > *").all():
        expect(one).to_be_in_viewport(ratio=1)


def test_a_setting_in_the_menu_takes_effect(page: Page) -> None:
    page.locator(".menu summary").click()
    page.locator("#theme").select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator(".menu[open]")).to_have_count(0)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
