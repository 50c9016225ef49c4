"""The pages Diagnosis and Mistakes."""

import re

import pytest
from playwright.sync_api import Page, expect

import glassnet as gn
from glassnet.lab.catalog import Catalog, Pictures
from tests.browser.conftest import Visit

NET = "784-32-10"


@pytest.fixture(scope="module")
def report(pictures: Pictures) -> gn.Report:
    return gn.evaluate(Catalog().model(NET), pictures.part("test"))


@pytest.fixture
def mistakes(visit: Visit, pictures: Pictures) -> Page:
    page = visit(f"mistakes?net={NET}")
    expect(page.locator(".matrix td")).to_have_count(100)
    expect(page.locator(".sheet .thumb")).not_to_have_count(0)
    return page


def test_an_experiment_of_the_diagnosis_page_is_diagnosed(visit: Visit, pictures: Pictures) -> None:
    page = visit("diagnosis")
    expect(page.locator(".causes dt")).to_have_count(12)
    page.locator("#break-zero-initialisation").click()
    finding = page.locator(".finding").first
    expect(finding).to_have_attribute("data-cause", "zero-initialisation")
    expect(finding.locator(".evidence dd")).not_to_have_count(0)
    expect(finding.locator("figure svg[role=img], figure ol")).not_to_have_count(0)
    finding.get_by_role("button", name="Try it").click()
    expect(page.locator(".pane")).to_be_visible()  # the fixed run learns, on the page Train
    page.wait_for_function(
        "() => Number(document.querySelector('.pane .accuracy')?.dataset.value) > 0.8"
    )


def test_the_matrix_is_that_of_the_evaluation(mistakes: Page, report: gn.Report) -> None:
    cells = mistakes.locator(".matrix tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('td')].map(td => Number(td.innerText)))"
    )
    assert cells == report.confusion.tolist()
    assert report.accuracy is not None
    expect(mistakes.locator("main")).to_contain_text(f"{100 * report.accuracy:.2f}%")


def test_a_cell_opens_its_images_and_an_image_its_reasons(
    mistakes: Page, report: gn.Report
) -> None:
    confused = report.confusions[1]
    i, j = confused.label, confused.prediction
    mistakes.locator(f"#cell-{i}-{j}").click()
    thumbs = mistakes.locator(".sheet .thumb")
    expect(thumbs.first).to_have_attribute(
        "aria-label", re.compile(f"label {i}, classified as {j} with")
    )
    assert thumbs.count() == min(confused.count, thumbs.count())
    index = (thumbs.first.get_attribute("id") or "").removeprefix("image-")
    thumbs.first.click()
    why = mistakes.locator(".card:has(h3)")
    expect(why.locator("h2")).to_contain_text(f"{index}: label {i}, classified as {j}")
    expect(why.locator("h2")).to_be_focused()
    evidence = why.locator(".figures canvas").nth(1)
    expect(evidence).to_have_attribute("aria-label", re.compile(f"for {j} over"))
    colours = evidence.evaluate(
        """canvas => new Set(new Uint32Array(canvas.getContext("2d")
            .getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
    )
    assert colours > 20
    nearest = why.locator(".sheet figure")
    expect(nearest).to_have_count(5)
    distances = [float(text.split()[1]) for text in nearest.locator("figcaption").all_inner_texts()]
    assert distances == sorted(distances)
    expect(why.locator(".probabilities .chosen b")).to_have_text(str(j))
    mistakes.reload()
    expect(why.locator("h2")).to_contain_text(f"{index}: label {i}, classified as {j}")
    why.get_by_role("button", name="Look inside").click()
    expect(mistakes.locator(".image-bar")).to_contain_text(f"test image {index}")


def test_the_shipped_networks_are_evaluated_too(visit: Visit, pictures: Pictures) -> None:
    page = visit("mistakes?net=mnist-small")
    expect(page.locator(".matrix td")).to_have_count(100)
    page.locator(".sheet .thumb").first.click()
    expect(page.locator(".card:has(h3) .sheet figure")).to_have_count(5)
