"""Drawing on the pad with mouse, finger or keys."""

from collections.abc import Sequence

from playwright.sync_api import Page

Stroke = Sequence[tuple[float, float]]  # shares of the field's width and height

THREE: tuple[Stroke, ...] = (
    (
        *((0.31, 0.27), (0.36, 0.21), (0.43, 0.17), (0.51, 0.16), (0.59, 0.18), (0.64, 0.23)),
        *((0.66, 0.30), (0.64, 0.37), (0.59, 0.42), (0.52, 0.46), (0.45, 0.48), (0.53, 0.49)),
        *((0.61, 0.52), (0.67, 0.58), (0.69, 0.66), (0.67, 0.74), (0.61, 0.80), (0.53, 0.83)),
        *((0.44, 0.83), (0.36, 0.80), (0.30, 0.74)),
    ),
)
ONE: tuple[Stroke, ...] = (((0.52, 0.15), (0.51, 0.4), (0.50, 0.6), (0.49, 0.85)),)
SCRIBBLE: tuple[Stroke, ...] = (
    tuple((0.1 + 0.8 * (i % 2), 0.1 + 0.04 * i) for i in range(21)),
    tuple((0.1 + 0.04 * i, 0.1 + 0.8 * (i % 2)) for i in range(21)),
)
# From the middle of the field; capital letters go four times as far, a space lowers and lifts.
THREE_BY_KEYS = "ULLUUrrr" + " " + "RRRrDdDdLlLrRrRdDdDdlLLlLL" + " "
KEYS = {"u": "ArrowUp", "d": "ArrowDown", "l": "ArrowLeft", "r": "ArrowRight", " ": "Space"}

WATCH = """() => {
    let moved = 0;
    window.waits = [];
    addEventListener("pointermove", () => { moved = performance.now(); }, true);
    new MutationObserver(() => {
        if (moved) window.waits.push(performance.now() - moved);
        moved = 0;
    }).observe(document.querySelector(".probabilities"),
        {subtree: true, childList: true, attributes: true});
}"""


def with_mouse(page: Page, strokes: Sequence[Stroke]) -> None:
    """Draw strokes with the mouse."""
    for stroke in strokes:
        (x, y), *rest = _on_page(page, stroke)
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y)
        page.mouse.up()


def with_finger(page: Page, strokes: Sequence[Stroke]) -> None:
    """Draw strokes with touch events."""
    browser = page.context.new_cdp_session(page)
    for stroke in strokes:
        for i, (x, y) in enumerate(_on_page(page, stroke)):
            kind = "touchMove" if i else "touchStart"
            browser.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            )
        browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def with_keys(page: Page, path: str) -> None:
    """Draw a path with the keyboard; the field has the focus."""
    for key in path:
        name = KEYS[key.lower()]
        page.keyboard.press(f"Shift+{name}" if key.isupper() else name)


def measure_answers(page: Page) -> list[float]:
    """Draw, and measure in the page how long the bars take after each movement of the pen.

    Returns milliseconds, one for each movement.
    """
    page.evaluate(WATCH)
    start, *rest = _on_page(page, [(0.2 + 0.02 * i, 0.3 + 0.13 * (i % 3)) for i in range(31)])
    page.mouse.move(*start)
    page.mouse.down()
    page.locator("#digit").wait_for()
    page.evaluate("window.waits.length = 0")
    for n, (x, y) in enumerate(rest, 1):
        page.mouse.move(x, y)
        page.wait_for_function("n => window.waits.length >= n", arg=n)
    page.mouse.up()
    waits: list[float] = page.evaluate("window.waits")
    return waits


def _on_page(page: Page, stroke: Stroke) -> list[tuple[float, float]]:
    pad = page.locator(".pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
