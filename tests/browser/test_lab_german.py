"""The Lab in German: no English text and no decimal point in any view."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from glassnet import Trace
from glassnet.lab.catalog import LAB_NETWORKS, SHIPPED_MODELS, Pictures
from glassnet.lab.training.options import OPTIONS
from tests.browser.conftest import Visit
from tests.browser.hands import THREE, with_mouse

# Visible texts and labels, apart from code; each element once.
TEXTS = """() => {
    const found = new Set();
    const skipped = "code, math, script, style, noscript, .mark";
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const parent = walk.currentNode.parentElement;
        const isShown = parent.checkVisibility() || parent.closest("select, #said");
        if (isShown && !parent.closest(skipped)) found.add(walk.currentNode.data.trim());
    }
    for (const one of document.querySelectorAll("body *")) {
        if (one.closest(skipped)) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt"])
            found.add((one.getAttribute(name) ?? "").trim());
        if (one.matches("input[type=text]")) found.add(one.value);
    }
    found.add(document.title);
    return [...found];
}"""
THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(\.\d{3})+(?![\d.,])")
DECIMAL_POINT = re.compile(r"\d\.\d|\s\.\d")
WORD = re.compile(r"[^\W\d_]\w{2,}")
# The same in both languages: words of the field, and names.
SHARED_WORDS = {
    *("Label", "Update", "Start", "Seed", "Momentum", "Weight", "Decay", "Dropout", "Smoothing"),
    *("Experiment", "System", "Notation", "English", "Deutsch", "softmax"),
}
NAMES = {
    *(*LAB_NETWORKS, *SHIPPED_MODELS, "sample"),
    *(str(name) for option in OPTIONS.values() for name in option.choices or ()),
}
CAUSES = ("unscaled-input", "train-test-leak", "learning-rate-too-low", "not-finite")
Views = dict[str, set[str]]


def read_texts(page: Page) -> set[str]:
    texts: list[str] = page.evaluate(TEXTS)
    return set(filter(None, texts))


def words(text: str) -> set[str]:
    return set(WORD.findall(text))


def walk_draw(page: Page) -> Iterator[str]:
    expect(page.locator(".examples .thumb")).not_to_have_count(0)
    yield "empty"
    with_mouse(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".stages li")).not_to_have_count(0)
    page.locator(".menu summary").click()
    yield "drawn"
    page.locator("#file").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"no image"}
    )
    expect(page.locator(".wrong")).to_be_visible()
    yield "error"


def walk_look(page: Page) -> Iterator[str]:
    page.locator("#u1-3").click()
    expect(page.locator(".entry")).to_be_visible()
    page.locator(".unit .map").first.hover()
    yield "hidden unit"
    page.locator("#u2-3").click()
    expect(page.locator(".entry h3")).to_contain_text("z2[0, 3]")
    page.locator(".unit .chip", has_text="p[0, 3]").click()
    expect(page.locator(".entry h3")).to_contain_text("p[0, 3]")
    yield "output unit"


def walk_step(page: Page) -> Iterator[str]:
    expect(page.locator(".quantity")).not_to_have_count(0)
    n = page.locator(".timeline li").count()
    for i in range(n):
        page.locator(".timeline li button").nth(i).click()
        title = page.locator(".timeline li button").nth(i).inner_text()
        expect(page.locator("#beat-title")).to_have_text(title)
        card = page.locator(".quantity").last
        card.locator(".chip, .number, .map").first.click()
        name = (card.get_attribute("id") or "").removeprefix("q-")
        expect(page.locator(".entry h3")).to_contain_text(name)
        yield f"phase {i}"
    page.locator(".timeline li button").first.click()
    page.locator("#q-b2 .chip").first.click()
    expect(page.locator(".entry h3")).to_contain_text("b2[0]")
    page.locator(".tools > button").click()
    expect(page.locator(".slope")).to_be_visible()
    yield "perturbation"
    page.locator(".set input").fill("0,5")
    page.locator(".set button").click()
    expect(page.locator("#unset")).to_be_visible()
    expect(page.locator(".entry h3 output")).to_have_attribute("data-value", "0.5")
    yield "edited weight"
    page.locator("#quiz").check()
    for i in range(n):
        page.locator("#next").click()
        expect(page.locator(".quiz, .timeline [aria-current=step]")).not_to_have_count(0)
        if page.locator(".quiz").count():
            page.locator(".quiz .choice").first.click()
            expect(page.locator("#quiz-next")).to_be_visible()
            yield f"question {i}"
            page.locator("#quiz-next").click()
            expect(page.locator(".quiz")).to_have_count(0)
        if page.locator("#next").is_disabled():
            break


def walk_train(page: Page) -> Iterator[str]:
    page.locator(".more-options summary").click()
    yield "form"
    page.locator("#option-learning_rate").fill("0,05")
    page.locator("#option-epochs").fill("1")
    page.locator("#option-n_train").fill("1000")
    page.locator("#start").click()
    expect(page.locator(".pane")).to_have_attribute("data-status", "done")
    expect(page.locator(".charts figure")).to_have_count(4)
    yield "done"
    page.locator("#break-not-finite").click()
    expect(page.locator(".pane")).to_have_attribute("data-status", "failed")
    expect(page.locator(".pane .wrong")).to_be_visible()
    yield "failed"


def walk_diagnosis(page: Page) -> Iterator[str]:
    yield "causes"
    for cause in CAUSES:
        page.locator(f"#break-{cause}").click()
        expect(page.locator(".finding").first).to_have_attribute("data-cause", cause)
        yield cause


def walk_mistakes(page: Page) -> Iterator[str]:
    page.locator(".sheet .thumb").first.click()
    expect(page.locator(".card:has(h3) figure")).not_to_have_count(0)
    yield "error"
    page.locator("#cell-3-3").click()
    expect(page.locator("h2", has_text="(")).to_be_visible()
    yield "correct"


def walk_tour(page: Page) -> Iterator[str]:
    page.locator("#start-tour").click()
    for i in range(10):
        expect(page.locator("#tour h2")).to_be_visible()
        yield f"step {i}"
        if page.locator("#tour-next").count():
            title = page.locator("#tour h2").inner_text()
            page.locator("#tour-next").click()
            expect(page.locator("#tour h2")).not_to_have_text(title)


WALKS = {
    "draw": walk_draw,
    "look": walk_look,
    "step": walk_step,
    "train": walk_train,
    "diagnosis": walk_diagnosis,
    "mistakes": walk_mistakes,
    "tour": walk_tour,
}


@pytest.mark.parametrize("view", WALKS)
def test_german_views_have_no_english_text_and_no_decimal_point(
    visit: Visit, pictures: Pictures, traced: Trace, view: str
) -> None:
    visit.forgiven += [r"^(400|error).*(picture|400)"]
    place = "draw" if view == "tour" else f"{view}?img=test.12&net={LAB_NETWORKS[0]}"
    texts: dict[str, Views] = {}
    for language in ("en", "de"):
        page = visit(f"{place}&lang={language}" if "?" in place else f"{place}?lang={language}")
        texts[language] = {name: read_texts(page) for name in WALKS[view](page)}
    assert list(texts["en"]) == list(texts["de"])
    english = set().union(*texts["en"].values())
    allowed = SHARED_WORDS | NAMES | set(map(str, traced.step.arrays))
    untranslated, pointed = {}, {}
    for name, german in texts["de"].items():
        untranslated[name] = {
            text for text in german & english if text not in allowed and not words(text) <= allowed
        }
        pointed[name] = {text for text in german if DECIMAL_POINT.search(THOUSANDS.sub("", text))}
    assert {name: found for name, found in untranslated.items() if found} == {}
    assert {name: found for name, found in pointed.items() if found} == {}
