"""The page Draw: from a stroke to a digit, by mouse, finger, keys, file and clipboard."""

import base64
import io
import statistics
from collections.abc import Sequence
from contextlib import nullcontext

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.hands import (
    ONE,
    SCRIBBLE,
    THREE,
    THREE_BY_KEYS,
    Stroke,
    measure_answers,
    with_finger,
    with_keys,
    with_mouse,
)

SEVEN: tuple[Stroke, ...] = (((0.28, 0.2), (0.72, 0.2), (0.6, 0.5), (0.48, 0.85)),)
# The 784 values of the last picture.
SEEN = """canvas => [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data]
    .filter((_, i) => i % 4 === 0)"""


def shown(page: Page) -> list[float]:
    """Return the probabilities behind the bars."""
    values: list[float] = page.locator(".probabilities .value").evaluate_all(
        "all => all.map(one => Number(one.dataset.value))"
    )
    return values


def last_stage(page: Page) -> Locator:
    return page.locator(".stages canvas").last


def paper(*digits: Sequence[Stroke], side: int = 160) -> bytes:
    """Write digits next to one another on a sheet, as a PNG file."""
    sheet = Image.new("L", (side * len(digits), side), 250)
    pen = ImageDraw.Draw(sheet)
    for i, digit in enumerate(digits):
        for stroke in digit:
            pen.line(
                [(side * (i + x), side * y) for x, y in stroke], fill=20, width=12, joint="curve"
            )
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def test_a_3_drawn_with_the_mouse_is_a_3(page: Page) -> None:
    expect(page.locator(".answer-digit")).to_have_text("Draw a digit.")
    with_mouse(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".stages li")).not_to_have_count(0)
    assert shown(page)[3] == max(shown(page)) > 0.5
    assert sum(shown(page)) == pytest.approx(1)
    expect(page.locator("#said")).to_contain_text("3, ")  # announced to screen readers


def test_a_3_drawn_with_a_finger_is_a_3(visit: Visit) -> None:
    page = visit(width=390, height=844, has_touch=True, is_mobile=True)
    before = page.evaluate("scrollY")
    with_finger(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    assert page.evaluate("scrollY") == before  # the page stayed where it was


def test_a_3_drawn_with_the_keyboard_alone_is_a_3(page: Page) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('pad')"):
            break
    expect(page.locator(".pen")).to_be_visible()
    with_keys(page, THREE_BY_KEYS)
    expect(page.locator("#digit")).to_have_text("3")
    page.keyboard.press("Backspace")
    expect(page.locator(".answer-digit")).to_have_text("Draw a digit.")


def test_the_bars_move_during_a_stroke(page: Page) -> None:
    pad = page.locator(".pad").bounding_box()
    assert pad is not None
    seen = []
    for i, (x, y) in enumerate(THREE[0]):
        with page.expect_response("**/api/drawing*") if i else nullcontext():
            page.mouse.move(pad["x"] + x * pad["width"], pad["y"] + y * pad["height"])
        if i == 0:
            page.mouse.down()
        seen.append(tuple(shown(page)))
    assert len(set(seen)) > 5  # and the pen is still down
    page.mouse.up()


def test_undo_takes_one_stroke_and_clear_all(page: Page) -> None:
    with_mouse(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    with_mouse(page, SCRIBBLE[:1])
    expect(page.locator(".stages canvas")).not_to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#digit")).to_have_text("3")
    with_mouse(page, SCRIBBLE)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".answer-digit")).to_have_text("Draw a digit.")
    expect(page.locator(".stages li")).to_have_count(0)
    assert shown(page) == [0] * 10


def test_a_scribble_is_less_certain_than_a_digit(page: Page) -> None:
    with_mouse(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    sure = max(shown(page))
    page.locator("#clear").click()
    with_mouse(page, SCRIBBLE)
    expect(page.locator(".stages li")).not_to_have_count(0)
    if page.locator("#digit").inner_text() != "I don't know":
        assert max(shown(page)) < sure
    else:
        expect(page.locator(".reason")).not_to_be_empty()


@pytest.mark.parametrize(("stage", "name"), [("box", "box"), ("thickness", "stroke width")])
def test_a_stage_that_is_switched_off_changes_the_784_numbers(
    page: Page, stage: str, name: str
) -> None:
    page.locator("#thickness").fill("8")  # thinner than MNIST's
    with_mouse(page, THREE)
    expect(page.locator(".stages li").last).to_contain_text("centre")
    before = last_stage(page).evaluate(SEEN)
    switch = page.get_by_role("checkbox", name=name)
    switch.click()
    expect(page.locator(".stages .off")).to_contain_text(name)
    expect(switch).not_to_be_checked()
    expect(switch).to_be_focused()  # although the row was rendered again
    assert last_stage(page).evaluate(SEEN) != before
    assert f"off={stage}" in page.url
    switch.click()
    expect(page.locator(".stages .off")).to_have_count(0)
    assert last_stage(page).evaluate(SEEN) == before


def test_a_picture_of_several_digits_is_read_with_a_box_around_each(page: Page) -> None:
    page.locator("#file").set_input_files(
        {"name": "page.png", "mimeType": "image/png", "buffer": paper(ONE, SEVEN, THREE)}
    )
    expect(page.locator(".boxed .box")).to_have_count(3)
    assert page.locator(".boxed .box").all_inner_texts() == ["1", "7", "3"]
    expect(page.locator(".page-box figcaption")).to_contain_text("1 7 3")
    inside = page.locator(".boxed").evaluate(
        """one => {
            const whole = one.getBoundingClientRect();
            return [...one.querySelectorAll(".box")].map(box => box.getBoundingClientRect())
                .every(box => box.left >= whole.left - 2 && box.right <= whole.right + 2
                    && box.top >= whole.top - 2 && box.bottom <= whole.bottom + 2);
        }"""
    )
    assert inside
    page.reload()  # what the network saw of the picture is in the address
    expect(page.locator("#digit")).to_be_visible()


def test_a_picture_can_be_pasted(page: Page) -> None:
    page.evaluate(
        """text => {
            const file = new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], "a.png",
                {type: "image/png"});
            const data = new DataTransfer();
            data.items.add(file);
            dispatchEvent(new ClipboardEvent("paste", {clipboardData: data}));
        }""",
        base64.b64encode(paper(THREE)).decode(),
    )
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".boxed canvas")).to_be_visible()


def test_a_file_that_is_no_picture_shows_an_error(visit: Visit) -> None:
    visit.forgiven += [r"^(400|422|error).*(picture|400|422)"]
    page = visit()
    page.locator("#file").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.locator(".wrong")).to_be_visible()
    with_mouse(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".wrong")).to_have_count(0)


def test_the_address_holds_the_drawing(page: Page, visit: Visit) -> None:
    with_mouse(page, THREE)
    expect(page.locator(".stages li")).not_to_have_count(0)
    numbers = last_stage(page).evaluate(SEEN)
    page.reload()
    expect(page.locator("#digit")).to_have_text("3")
    assert last_stage(page).evaluate(SEEN) == numbers
    other = visit(page.url.partition("#")[2])  # another session
    expect(other.locator("#digit")).to_have_text("3")
    assert last_stage(other).evaluate(SEEN) == numbers


def test_an_image_of_the_data_can_be_chosen(page: Page) -> None:
    thumb = page.locator(".examples .thumb").first
    thumb.wait_for()
    label = thumb.get_attribute("aria-label")
    assert label is not None
    thumb.click()
    expect(page.locator(".page-box figcaption")).to_have_text(label)
    expect(page.locator("#digit")).to_be_visible()
    assert "img=test." in page.url
    page.reload()
    expect(page.locator(".page-box figcaption")).to_have_text(label)
    page.get_by_role("button", name="More images").click()
    expect(thumb).not_to_have_attribute("aria-label", label)


def test_the_answer_comes_within_250_ms(page: Page) -> None:
    """The bars follow the last movement of the pen within 250 ms."""
    waits = measure_answers(page)
    print(f"from the pen to the bars: {statistics.median(waits):.1f} ms")  # noqa: T201
    assert statistics.median(waits) < 250
