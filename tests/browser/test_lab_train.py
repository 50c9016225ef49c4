"""The page Train: watching, pausing, stepping, rewinding and breaking runs."""

import re
import statistics

import pytest
from playwright.sync_api import Locator, Page, expect

from glassnet.diagnosis.experiments import EXPERIMENTS
from glassnet.lab.catalog import Pictures
from glassnet.lab.training.options import OPTIONS
from tests.browser.conftest import Visit
from tests.browser.hands import ONE, THREE, measure_answers, with_mouse

ENOUGH = {"mnist": 0.95, "sample": 0.85}  # accuracy that a minute of learning reaches
WEIGHTS = """async path => {
    const answer = await fetch(path);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return answer.headers.get("x-largest") + btoa(String.fromCharCode(...bytes));
}"""


@pytest.fixture
def train(visit: Visit, pictures: Pictures) -> Page:
    page = visit("train")
    expect(page.locator("#start")).to_be_visible()
    return page


def weights(page: Page, step: int | None = None) -> str:
    """Fetch the bytes of the first layer's weights, now or at a snapshot."""
    name = page.locator(".pane").first.get_attribute("data-id")
    at = "" if step is None else f"&step={step}"
    text: str = page.evaluate(WEIGHTS, f"api/runs/{name}/weights?layer=1{at}")
    return text


def fetch_run(page: Page) -> dict[str, object]:
    """Fetch the state of the first run."""
    name = page.locator(".pane").first.get_attribute("data-id")
    run: dict[str, object] = page.evaluate(
        "async path => (await fetch(path)).json()", f"api/runs/{name}"
    )
    return run


def pane(page: Page) -> Locator:
    return page.locator(".pane").first


def step_of(page: Page) -> int:
    return int(pane(page).get_attribute("data-step") or -1)


def pause(page: Page) -> None:
    pane(page).get_by_role("button", name="Pause").click()
    expect(pane(page)).to_have_attribute("data-status", "paused")


def test_a_run_learns_within_a_minute(train: Page, pictures: Pictures) -> None:
    train.locator("#start").click()
    expect(pane(train)).to_have_attribute("data-status", re.compile("running|done"))
    train.wait_for_function(
        "enough => Number(document.querySelector('.pane .accuracy')?.dataset.value) > enough",
        arg=ENOUGH[pictures.name],
        timeout=60_000,
    )
    expect(train.locator(".charts figure")).to_have_count(4)
    expect(pane(train).locator(".weights canvas")).to_have_count(32)
    for chart in train.locator(".charts svg[role=img]").all():
        assert re.search(r"\d", chart.get_attribute("aria-label") or "")


def test_one_batch_is_one_step_and_a_rewind_restores_the_weights(train: Page) -> None:
    train.locator("#start").click()
    train.wait_for_function("() => Number(document.querySelector('.pane')?.dataset.step) > 40")
    pause(train)
    before = step_of(train)
    then = weights(train)
    pane(train).get_by_role("button", name="One batch").click()
    expect(pane(train)).to_have_attribute("data-step", str(before + 1))
    expect(pane(train)).to_have_attribute("data-status", "paused")
    assert weights(train) != then

    snapshots = fetch_run(train)["snapshots"]
    assert isinstance(snapshots, list)
    place = len(snapshots) // 2
    kept = weights(train, snapshots[place])
    assert weights(train) != kept
    slider = pane(train).locator("input.rewind")
    slider.fill(str(place))
    expect(pane(train)).to_have_attribute("data-step", str(snapshots[place]))
    assert weights(train) == kept
    slider.fill("0")
    expect(pane(train)).to_have_attribute("data-step", "0")
    slider.fill(str(place))  # and forth
    expect(pane(train)).to_have_attribute("data-step", str(snapshots[place]))
    assert weights(train) == kept

    pane(train).get_by_role("button", name="Resume").click()
    train.wait_for_function(
        "step => Number(document.querySelector('.pane').dataset.step) > step",
        arg=snapshots[place],
    )


def test_pace_and_rate_are_changed_during_a_run(train: Page) -> None:
    train.locator("#start").click()
    expect(pane(train)).to_have_attribute("data-status", "running")
    pane(train).get_by_label("Batches per second").select_option("4")
    rate = pane(train).get_by_label("Learning rate (live)")
    rate.fill("5")
    expect(rate.locator("xpath=following-sibling::output")).to_have_text("0.2")
    pause(train)
    run = fetch_run(train)
    assert run["pace"] == 4
    assert run["learning_rate"] == 0.2


def test_the_options_are_kept_in_the_address_and_used(train: Page) -> None:
    train.get_by_role("textbox", name="Hidden units").fill("16, 8")
    train.get_by_role("combobox", name="Activation").select_option("tanh")
    train.get_by_role("spinbutton", name="Training images").fill("1000")
    train.get_by_role("spinbutton", name="Seed").fill("7")
    train.get_by_role("spinbutton", name="Seed").press("Enter")
    expect(pane(train)).to_be_visible()
    run = fetch_run(train)
    options = run["options"]
    assert isinstance(options, dict)
    assert (options["hidden"], options["activation"]) == ([16, 8], ["tanh"])
    assert (options["n_train"], options["seed"], run["n_train"]) == (1000, 7, 1000)
    expect(pane(train).locator(".weights canvas")).to_have_count(16)
    train.reload()
    expect(train.get_by_role("textbox", name="Hidden units")).to_have_value("16, 8")
    expect(pane(train)).to_be_visible()  # it is still watched


def test_the_form_has_every_option_and_its_help(train: Page) -> None:
    for name, option in OPTIONS.items():
        expect(train.locator(f"#option-{name}")).to_have_attribute("title", option.help)
    train.locator(".more-options summary").click()
    train.get_by_role("textbox", name="Dropout", exact=True).fill("0.25")
    train.get_by_role("checkbox", name="Batch normalisation").check()
    train.get_by_role("textbox", name="Augmentation", exact=True).fill("rotation=10")
    train.get_by_role("spinbutton", name="Training images").fill("1000")
    train.locator("#start").click()
    expect(pane(train)).to_be_visible()
    options = fetch_run(train)["options"]
    assert isinstance(options, dict)
    assert (options["dropout"], options["batch_norm"]) == (0.25, True)
    assert options["augment"] == "rotation=10.0"
    train.wait_for_function("() => Number(document.querySelector('.pane')?.dataset.step) > 40")
    train.reload()
    expect(train.get_by_role("textbox", name="Dropout", exact=True)).to_have_value("0.25")
    expect(train.get_by_role("checkbox", name="Batch normalisation")).to_be_checked()


def test_a_second_run_next_to_the_first(train: Page) -> None:
    train.locator("#start").click()
    expect(train.locator(".pane")).to_have_count(1)
    train.get_by_role("combobox", name="Activation").select_option("sigmoid")
    train.locator("#start-second").click()
    expect(train.locator(".pane")).to_have_count(2)
    expect(train.locator(".charts figure").first.locator("path.line.run1")).not_to_have_count(0)
    expect(train.locator(".pane").nth(1)).to_contain_text("sigmoid")
    expect(train.locator(".pane .progress-text").nth(0)).to_contain_text("A: ")
    for one in train.locator(".pane").all():
        expect(one).not_to_have_attribute("data-step", "0")


def test_runs_no_longer_watched_are_paused(train: Page) -> None:
    for _ in range(5):  # more than one may have
        before = train.locator(".pane").evaluate_all("all => all.map(one => one.dataset.id)")
        train.locator("#start").click()
        train.wait_for_function(
            """before => document.querySelector(".pane")
                && !before.includes(document.querySelector(".pane").dataset.id)""",
            arg=before,
        )
    expect(train.locator(".pane")).to_have_count(1)
    states = train.evaluate(
        "async () => (await (await fetch('api/runs')).json()).map(one => one.status)"
    )
    assert sum(one in ("running", "waiting") for one in states) <= 1


def test_the_trained_network_can_be_looked_into(train: Page) -> None:
    train.locator("#start").click()
    train.wait_for_function("() => Number(document.querySelector('.pane')?.dataset.step) > 40")
    pause(train)
    pane(train).get_by_role("button", name="Look inside").click()
    expect(train.locator(".tile")).to_have_count(32)
    assert "net=run" in train.url
    expect(train.locator("#network")).to_have_value(re.compile("^run:"))
    train.locator("nav").get_by_role("link", name="One step").click()
    expect(train.locator(".quantity")).not_to_have_count(0)


def test_each_experiment_is_diagnosed_as_its_cause(train: Page) -> None:
    for cause in EXPERIMENTS:
        train.locator(f"#break-{cause}").click()
        first = train.locator(".findings .finding").first
        expect(first).to_have_attribute("data-cause", cause)
        expect(first.locator(".evidence dd")).not_to_have_count(0)
        expect(first.locator("figure")).to_be_visible()
    expect(train.locator(".findings .finding")).not_to_have_count(0)


def test_bars_of_a_finding_pass_the_mark_where_their_values_pass_the_limit(
    train: Page,
) -> None:
    train.locator("#break-vanishing-gradients").click()
    chart = train.locator(".findings .finding[data-cause=vanishing-gradients] figure")
    limit = number(chart.locator("p").inner_text().split()[-1])
    rows = chart.locator("li")
    expect(rows).to_have_count(7)
    passed = []
    for row in rows.all():
        mark, bar = (
            row.locator(f".bar > {one}").evaluate("(node) => node.getBoundingClientRect().right")
            for one in ("i.bound", "i:first-child")
        )
        is_above = number(row.locator(".value").inner_text()) > limit
        assert (bar > mark) == is_above
        passed.append(is_above)
    assert passed == sorted(passed)
    assert 0 < sum(passed) < 7


def number(shown: str) -> float:
    """Read a number as the page writes it."""
    return float(shown.replace("\N{MINUS SIGN}", "-"))


def test_the_remedy_of_a_finding_fixes_the_run(train: Page) -> None:
    train.locator("#break-dead-relus").click()
    finding = train.locator(".findings .finding[data-cause=dead-relus]")
    finding.get_by_role("button", name="Try it").click()
    expect(finding).to_have_count(0)
    train.wait_for_function(
        "() => Number(document.querySelector('.pane .accuracy')?.dataset.value) > 0.8"
    )


def test_drawing_stays_prompt_while_two_runs_train(train: Page) -> None:
    train.locator("#start").click()
    expect(train.locator(".pane")).to_have_count(1)
    train.locator("#start-second").click()
    expect(train.locator(".pane")).to_have_count(2)
    train.locator("nav").get_by_role("link", name="Draw").click()
    with_mouse(train, ONE)
    expect(train.locator("#digit")).to_be_visible()
    train.locator("#clear").click()
    expect(train.locator("#digit")).to_have_count(0)
    waits = measure_answers(train)
    print(f"while two runs train: {statistics.median(waits):.1f} ms")  # noqa: T201
    assert statistics.median(waits) < 500
    train.locator("#clear").click()
    with_mouse(train, THREE)
    expect(train.locator("#digit")).to_have_text("3")
    states = train.evaluate(
        "async () => (await (await fetch('api/runs')).json()).map(one => one.status)"
    )
    assert set(states) <= {"running", "waiting", "done"}
