"""The page Look inside: its numbers are those of the trace, and each can be traced."""

import math
import re

import pytest
from playwright.sync_api import Page, expect

from glassnet import Trace
from tests.browser.conftest import Visit
from tests.browser.page_numbers import check, check_chips, click_pixel, find, is_rounded

PLACE = "look?img=test.12"


@pytest.fixture
def look(visit: Visit, traced: Trace) -> Page:
    page = visit(PLACE)
    expect(page.locator(".class .value")).to_have_count(10)
    return page


def opened(page: Page, place: str) -> None:
    """Wait until the panel shows a number."""
    expect(page.locator(".entry h3")).to_contain_text(f"{place} = ")


def test_the_probabilities_are_the_traces(look: Page, traced: Trace) -> None:
    values = look.locator(".class .value")
    for k, p in enumerate(traced["p"][0]):
        written = values.nth(k).get_attribute("data-value")
        assert float(written or "nan") == p
        text = values.nth(k).inner_text()
        assert text == ">\u00a099.9%" or is_rounded(text.removesuffix("%"), 100 * p)
    expect(look.locator(".class.chosen b")).to_have_text(str(traced["p"][0].argmax()))
    assert look.locator(".tile").count() == 32
    spoken = look.locator("#u1-5").get_attribute("aria-label") or ""
    assert is_rounded(spoken.rpartition(" ")[2], traced["a1"][0, 5])


def test_a_unit_opens_with_the_sum_behind_its_value(look: Page, traced: Trace) -> None:
    unit = int(traced["a1"][0].argmax())
    look.locator(f"#u1-{unit}").click()
    opened(look, f"z1[0, {unit}]")
    check(look.locator(".unit .chip[data-value]").nth(0), traced["z1"][0, unit])
    check(look.locator(".unit .chip[data-value]").nth(1), traced["a1"][0, unit])
    check(look.locator(".entry h3 output"), traced["z1"][0, unit])
    assert check_chips(look.locator(".entry"), traced) > 20  # factors, and where it goes
    parts = look.locator(".entry ol.sum li:not(.total) > .value").evaluate_all(
        "all => all.map(one => Number(one.dataset.value))"
    )
    assert math.fsum(parts) == pytest.approx(traced["z1"][0, unit], rel=1e-9)
    total = look.locator(".entry li.total > .value")
    assert is_rounded(total.inner_text(), traced["z1"][0, unit])
    expect(look.locator(f"#u1-{unit}")).to_have_class(re.compile(r"\bopen\b"))
    expect(look.locator(".unit .figures canvas")).to_have_count(3)


def test_a_value_is_traced_back_to_a_weight_and_forward_to_its_consumers(
    look: Page, traced: Trace
) -> None:
    look.locator("#u1-3").click()
    opened(look, "z1[0, 3]")
    weight = look.locator(".entry ol.sum .chip", has_text="W1[").first
    place = weight.locator(".name").inner_text()
    weight.click()
    opened(look, place)
    check(look.locator(".entry h3 output"), find(traced, place))
    expect(look.locator(".entry h3")).to_be_focused()
    look.locator(".entry").get_by_role("button", name="Back").click()
    opened(look, "z1[0, 3]")
    onward = look.locator(".entry p.chips .chip").first
    expect(onward).to_contain_text("a1[0, 3]")
    onward.click()
    opened(look, "a1[0, 3]")
    check_chips(look.locator(".entry"), traced)
    look.locator(".entry p.chips .chip", has_text="z2[0, 7]").click()
    opened(look, "z2[0, 7]")
    check(look.locator(".entry h3 output"), traced["z2"][0, 7])
    assert check_chips(look.locator(".entry"), traced) > 20
    look.reload()  # the address holds what is open
    opened(look, "z2[0, 7]")
    look.locator(".entry").get_by_role("button", name="Close").click()
    expect(look.locator(".entry")).to_be_hidden()


def test_a_pixel_of_the_weights_is_opened_by_mouse_and_by_keys(look: Page, traced: Trace) -> None:
    look.locator("#u1-3").click()
    opened(look, "z1[0, 3]")
    weights = look.locator(".unit .map").first
    click_pixel(look, weights, (14, 10), (28, 28))
    opened(look, f"W1[{14 * 28 + 10}, 3]")
    check(look.locator(".entry h3 output"), traced["W1"][14 * 28 + 10, 3])
    weights.focus()
    look.keyboard.press("ArrowRight")
    look.keyboard.press("ArrowDown")
    look.keyboard.press("Enter")
    opened(look, f"W1[{15 * 28 + 11}, 3]")
    check(look.locator(".entry h3 output"), traced["W1"][15 * 28 + 11, 3])


def test_without_hidden_layers_there_are_ten_pictures(visit: Visit, traced: Trace) -> None:
    page = visit(f"{PLACE}&net=784-10")
    expect(page.locator(".class canvas")).to_have_count(10)
    expect(page.locator(".tile")).to_have_count(0)
    page.locator("#u1-4").click()
    opened(page, "z1[0, 4]")


def test_the_notation_transposes_formula_and_shape(look: Page) -> None:
    look.locator("#u1-3").click()
    opened(look, "z1[0, 3]")
    formula = look.locator(".entry math").first
    rows = formula.get_attribute("alttext")
    shape = look.locator(
        ".entry dd", has_text=re.compile("^[0-9]+ \N{MULTIPLICATION SIGN} [0-9]+$")
    )
    expect(shape).to_have_text("1 \N{MULTIPLICATION SIGN} 32")
    look.locator(".menu summary").click()
    look.locator("#notation").select_option("columns")
    expect(shape).to_have_text("32 \N{MULTIPLICATION SIGN} 1")
    assert formula.get_attribute("alttext") != rows


def test_a_nudge_measures_the_gradient_of_backpropagation(look: Page, traced: Trace) -> None:
    unit, k = int(traced["a1"][0].argmax()), int(traced["p"][0].argmax())
    look.locator(f"#u2-{k}").click()
    opened(look, f"z2[0, {k}]")
    look.locator(".entry ol.sum .chip", has_text=f"W2[{unit}, {k}]").click()
    opened(look, f"W2[{unit}, {k}]")
    look.get_by_role("button", name="Nudge").click()
    slope = float(look.locator(".slope").get_attribute("data-value") or "nan")
    gradient = float(look.locator(".gradient").get_attribute("data-value") or "nan")
    assert gradient == traced["dW2"][unit, k]
    assert slope == pytest.approx(gradient, rel=1e-5, abs=1e-9)


def test_an_edited_weight_changes_the_answer_until_it_is_reset(look: Page, traced: Trace) -> None:
    unit = int(traced["a1"][0].argmax())
    k = (int(traced["p"][0].argmax()) + 1) % 10
    look.locator(f"#u2-{k}").click()
    opened(look, f"z2[0, {k}]")
    look.locator(".entry ol.sum .chip", has_text=f"W2[{unit}, {k}]").click()
    opened(look, f"W2[{unit}, {k}]")
    look.get_by_label("New value").fill("20")
    look.get_by_role("button", name="Set", exact=True).click()
    expect(look.locator(".class.chosen b")).to_have_text(str(k))
    opened(look, f"W2[{unit}, {k}]")
    expect(look.locator(".entry h3 output")).to_have_attribute("data-value", "20")
    check(look.locator(".entry h3 output"), 20.0)
    look.get_by_role("button", name=re.compile(r"Reset .*\(1\)")).click()
    expect(look.locator(".class.chosen b")).to_have_text(str(traced["p"][0].argmax()))
    for one, p in zip(look.locator(".class .value").all(), traced["p"][0], strict=True):
        assert float(one.get_attribute("data-value") or "nan") == p
    expect(look.get_by_role("button", name=re.compile("Reset"))).to_have_count(0)


def test_at_most_24_connections_are_drawn(look: Page, traced: Trace) -> None:
    edges = look.locator(".edges path")
    expect(edges).not_to_have_count(0)
    assert edges.count() <= 24
    look.locator(f"#u1-{int(traced['a1'][0].argmax())}").click()
    expect(look.locator(".entry")).to_be_visible()
    assert 0 < edges.count() <= 24


def test_another_image_brings_other_numbers(look: Page, traced: Trace) -> None:
    look.locator("#index").fill("13")
    look.locator("#index").press("Enter")
    expect(look.locator(".image-bar")).to_contain_text("image 13")
    first = look.locator(".class .value").first
    expect(first).not_to_have_attribute("data-value", str(traced["p"][0, 0]))
    look.get_by_role("button", name="Next").click()
    expect(look.locator(".image-bar")).to_contain_text("image 14")
    assert "img=test.14" in look.url


def test_without_ink_the_page_asks_for_a_drawing(visit: Visit) -> None:
    page = visit("look?img=ink&ink=FA")  # a drawing without strokes
    expect(page.locator(".diagram")).to_contain_text("No ink yet")
