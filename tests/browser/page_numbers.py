"""Comparison of the numbers on the page with those of a trace."""

import re
from decimal import Decimal

from playwright.sync_api import Locator, Page

from glassnet import Trace


def is_rounded(text: str, value: float) -> bool:
    """Return whether a text is a value rounded to the digits that it shows."""
    written = Decimal(text.strip().replace("\N{MINUS SIGN}", "-"))
    exponent = written.as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(written - Decimal(value)) <= Decimal(10) ** exponent * Decimal("0.5000001")


def find(trace: Trace, place: str) -> float:
    """Return the number at a place such as ``W1[401, 17]``."""
    name, _, rest = place.partition("[")
    index = tuple(int(i) for i in re.findall(r"\d+", rest))
    return float(trace[name.strip()][index])


def check(number: Locator, value: float) -> None:
    """Check the number of an element: exact as data, rounded as text."""
    written = number.get_attribute("data-value")
    assert written is not None
    assert float(written) == value
    text = number.inner_text().rpartition("=")[2]
    assert is_rounded(text, value), f"{text} for {value}"


def check_chips(part: Locator, trace: Trace) -> int:
    """Check all chips ``name[index] value`` in a part of the page; return how many there are."""
    chips = part.locator(".chip:has(.name)").evaluate_all(
        """all => all.map(one => [one.querySelector(".name").innerText,
            one.querySelector(".value").dataset.value, one.querySelector(".value").innerText])"""
    )
    for place, written, text in chips:
        value = find(trace, place)
        assert float(written) == value, place
        assert is_rounded(text, value), f"{place}: {text} for {value}"
    return len(chips)


def click_pixel(page: Page, picture: Locator, at: tuple[int, int], shape: tuple[int, int]) -> None:
    """Click on one number of a picture, given by row and column."""
    canvas = picture.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(
        box["x"] + (at[1] + 0.5) * box["width"] / shape[1],
        box["y"] + (at[0] + 0.5) * box["height"] / shape[0],
    )
