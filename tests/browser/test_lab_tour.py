"""The tour: each step detects its completion."""

from playwright.sync_api import Page, expect

from glassnet.lab.catalog import Pictures
from tests.browser.conftest import Visit
from tests.browser.hands import THREE, with_mouse


def done(page: Page) -> None:
    """Wait until the step is marked as done, and continue."""
    expect(page.locator("#tour .done")).to_be_visible()
    page.locator("#tour-next").click()
    expect(page.locator("#tour .done")).to_have_count(0)


def test_every_step_detects_its_completion(visit: Visit, pictures: Pictures) -> None:
    page = visit("mistakes")  # from any page
    tour = page.locator("#tour")
    expect(tour).to_be_hidden()
    page.locator("#start-tour").click()
    expect(tour).to_contain_text("Step 1 of 9")
    expect(page.locator(".pad")).to_be_visible()
    with_mouse(page, THREE)
    done(page)
    page.get_by_role("checkbox", name="box").click()
    done(page)
    page.locator("#u1-3").click()
    done(page)
    page.locator(".entry ol.sum .chip", has_text="W1[").first.click()
    done(page)
    expect(page.locator("#beat-title")).to_have_text("Input")
    while page.locator("#next").is_enabled():
        before = page.locator("#beat-title").inner_text()
        page.locator("#next").click()
        expect(page.locator("#beat-title")).not_to_have_text(before)
    done(page)
    page.locator(".timeline").get_by_role("button", name="Input").click()
    page.locator("#q-b2 .chip").first.click()
    page.get_by_role("button", name="Nudge").click()
    done(page)
    page.locator("#start").click()
    done(page)
    page.locator("#break-dead-relus").click()
    done(page)
    page.locator(".sheet .thumb").first.click()
    done(page)
    expect(tour).to_contain_text("End of the tour")
    tour.get_by_role("button", name="Close").click()
    expect(tour).to_be_hidden()
    assert "tour=" not in page.url


def test_the_tour_survives_a_reload_and_another_page(visit: Visit) -> None:
    page = visit()
    page.locator("#start-tour").click()
    page.locator("#tour-next").click()  # skipped
    expect(page.locator("#tour")).to_contain_text("Step 2 of 9")
    page.reload()
    expect(page.locator("#tour")).to_contain_text("Step 2 of 9")
    page.locator("nav").get_by_role("link", name="Train").click()
    expect(page.locator("#tour")).to_contain_text("Step 2 of 9")
    page.locator("#tour").get_by_role("button", name="Go there").click()
    expect(page.locator(".pad")).to_be_visible()
    page.locator("#tour").get_by_role("button", name="Back").click()
    expect(page.locator("#tour")).to_contain_text("Step 1 of 9")
