"""The page One step: forward, loss, backward, update, with the trace's numbers."""

import pytest
from playwright.sync_api import Page, expect

from glassnet import Trace
from tests.browser.conftest import Visit
from tests.browser.page_numbers import check, check_chips, click_pixel, find, is_rounded

PLACE = "step?img=test.12"
BEATS = ("Input", "Forward 1", "Output", "Loss", "Backward 2", "Backward 1", "Update", "Result")


@pytest.fixture
def step(visit: Visit, traced: Trace) -> Page:
    page = visit(PLACE)
    at(page, "Input")
    return page


def at(page: Page, beat: str) -> None:
    """Wait until a beat is shown."""
    expect(page.locator("#beat-title")).to_have_text(beat)


def test_all_phases_show_the_numbers_of_the_trace(step: Page, traced: Trace) -> None:
    seen = set()
    for i, beat in enumerate(BEATS):
        at(step, beat)
        expect(step.locator(".timeline [aria-current=step]")).to_have_text(beat)
        for card in step.locator(".quantity").all():
            name = (card.get_attribute("id") or "").removeprefix("q-")
            seen.add(name)
            values = traced[name].ravel()
            numbers = card.locator("[data-value]")
            if numbers.count():
                assert numbers.count() == values.size
                for number, value in zip(numbers.all(), values, strict=True):
                    check(number, value)
            else:
                assert card.locator(".map").count() == (32 if values.size == 784 * 32 else 1)
            expect(card.locator("math")).to_be_visible()
        if i + 1 < len(BEATS):
            step.locator("#next").click()
    expect(step.locator("#next")).to_be_disabled()
    assert {"x", "y", "W1", "b2", "z1", "a1", "z2", "p", "loss", "dz2", "dW2", "db2"} <= seen
    assert {"da1", "slope1", "dz1", "dW1", "db1", "W1_after", "b2_after", "loss_after"} <= seen
    for beat in reversed(BEATS[:-1]):
        step.locator("#back").click()
        at(step, beat)
    expect(step.locator("#back")).to_be_disabled()


def test_the_step_lowers_the_loss(visit: Visit, traced: Trace) -> None:
    page = visit(f"{PLACE}&beat={len(BEATS) - 1}")
    at(page, "Result")
    after = page.locator("#q-loss_after [data-value]")
    check(after, find(traced, "loss_after"))
    assert float(after.get_attribute("data-value") or "nan") < find(traced, "loss")
    before_text, after_text = (
        page.locator(".big").inner_text().removesuffix(".").split("; after it: ")
    )
    assert is_rounded(before_text.rpartition(" ")[2], find(traced, "loss"))
    assert is_rounded(after_text, find(traced, "loss_after"))


def test_arrow_keys_change_the_phase_and_space_plays(step: Page) -> None:
    step.keyboard.press("ArrowRight")
    at(step, BEATS[1])
    step.keyboard.press("ArrowRight")
    at(step, BEATS[2])
    step.keyboard.press("ArrowLeft")
    at(step, BEATS[1])
    step.clock.install()
    step.keyboard.press("Space")
    expect(step.locator("#play")).to_have_text("Pause")
    for beat in BEATS[2:4]:
        step.clock.run_for(2300)
        at(step, beat)
    step.locator("#play").click()
    expect(step.locator("#play")).to_have_text("Play")
    step.clock.run_for(10_000)
    at(step, BEATS[3])


def test_playing_ends_at_the_end(visit: Visit, traced: Trace) -> None:
    page = visit(f"{PLACE}&beat={len(BEATS) - 2}")
    at(page, BEATS[-2])
    page.clock.install()
    page.locator("#play").click()
    page.clock.run_for(2300)
    at(page, BEATS[-1])
    page.clock.run_for(2300)
    expect(page.locator("#play")).to_have_text("Play")
    at(page, BEATS[-1])


@pytest.mark.parametrize("choice", ["Yes", "No"])
def test_the_quiz_asks_before_a_phase_and_checks_the_answer(
    step: Page, traced: Trace, choice: str
) -> None:
    step.locator("#quiz").check()
    step.locator("#next").click()
    at(step, BEATS[1])
    step.locator("#next").click()
    expect(step.locator(".quiz h3")).to_contain_text("Will the network's prediction be correct?")
    at(step, BEATS[1])  # the answer is not shown yet
    label = int(step.locator("#label").input_value())
    is_correct = traced["p"][0].argmax() == label
    step.locator(".quiz").get_by_role("button", name=choice).click()
    expect(step.locator(".quiz [role=status]")).to_contain_text(
        "Correct." if (choice == "Yes") == is_correct else "Not quite."
    )
    expect(step.locator("#quiz-next")).to_be_focused()
    step.keyboard.press("Enter")
    at(step, BEATS[2])
    step.locator("#next").click()
    step.get_by_role("button", name="Show the answer").click()
    at(step, BEATS[3])


def test_every_question_of_the_quiz_is_asked_once(visit: Visit, traced: Trace) -> None:
    page = visit(f"{PLACE}&quiz=1")
    asked = []
    at(page, BEATS[0])
    for _ in range(20):
        if page.locator("#beat-title").inner_text() == BEATS[-1]:
            break
        page.locator("#next").click()
        expect(page.locator(".quiz, .timeline [aria-current=step]")).not_to_have_count(0)
        if page.locator(".quiz").count():
            asked.append(page.locator(".quiz h3").inner_text())
            page.locator(".quiz .choice").first.click()
            page.locator("#quiz-next").click()
            expect(page.locator(".quiz")).to_have_count(0)
    assert len(asked) == len(set(asked)) == 5


@pytest.mark.parametrize(
    ("beat", "name", "unit", "column", "row"),
    [(5, "dW1", 4, 12, 14), (5, "dW1", 31, 15, 9), (0, "W1", 0, 3, 20), (6, "W1_after", 9, 14, 14)],
)
def test_a_number_of_a_picture_is_opened_by_clicking_it(
    visit: Visit, traced: Trace, beat: int, name: str, unit: int, column: int, row: int
) -> None:
    page = visit(f"{PLACE}&beat={beat}")
    click_pixel(page, page.locator(f"#q-{name} .map").nth(unit), (row, column), (28, 28))
    place = f"{name}[{28 * row + column}, {unit}]"
    expect(page.locator(".entry h3")).to_contain_text(f"{place} = ")
    check(page.locator(".entry h3 output"), traced[name][28 * row + column, unit])
    assert check_chips(page.locator(".entry"), traced) > 0


def test_a_row_of_numbers_is_opened_too(visit: Visit, traced: Trace) -> None:
    page = visit(f"{PLACE}&beat=5")
    for name, index in (("dz1", (0, 20)), ("db1", (7,)), ("da1", (0, 31))):
        click_pixel(page, page.locator(f"#q-{name} .map"), (0, index[-1]), (1, 32))
        place = f"{name}[{', '.join(map(str, index))}]"
        expect(page.locator(".entry h3")).to_contain_text(f"{place} = ")
        check(page.locator(".entry h3 output"), traced[name][index])
        check_chips(page.locator(".entry"), traced)


def test_label_and_learning_rate_change_the_step(step: Page, traced: Trace) -> None:
    loss = "#q-loss [data-value]"
    step.locator(".timeline").get_by_role("button", name="Loss").click()
    check(step.locator(loss), find(traced, "loss"))
    other = (int(step.locator("#label").input_value()) + 1) % 10
    step.locator("#label").select_option(str(other))
    expect(step.locator(loss)).not_to_have_attribute("data-value", str(find(traced, "loss")))
    assert float(step.locator(loss).get_attribute("data-value") or "nan") > find(traced, "loss")
    step.locator(".timeline").get_by_role("button", name="Result").click()
    after = step.locator("#q-loss_after [data-value]")
    with_tenth = after.get_attribute("data-value") or ""
    step.locator("#rate").fill("0.001")
    step.locator("#rate").press("Enter")
    expect(after).not_to_have_attribute("data-value", with_tenth)
    assert "rate=0.001" in step.url
    assert f"label={other}" in step.url
