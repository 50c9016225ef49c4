"""HTML report: well formed, self-contained, escaped, with the numbers of the report."""

import html
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.image_hash import hash_images
from glassnet.evaluation.html_report.page import START, write_page
from tests.evaluation.html_report.conftest import FixedPredictor, MakeReportData, records

VOID = {"meta", "link", "img", "br", "hr", "input"}
NASTY = "<script>alert(1)</script>&\"'"


class Read(HTMLParser):
    """Parser that checks nesting and collects elements and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag} has a duplicate attribute"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, attribute: str) -> list[str]:
        return [str(given[attribute]) for _, given in self.elements if attribute in given]


def test_the_page_has_no_scripts_and_makes_no_requests(make_data: MakeReportData) -> None:
    page = write_page(make_data())
    assert page.startswith(START)
    read = Read(page)
    tags = [tag for tag, _ in read.elements]
    assert "script" not in tags
    assert not [name for _, given in read.elements for name in given if name.startswith("on")]
    assert all(source.startswith("data:image/png;base64,") for source in read.all("src"))
    assert all(link.startswith(("#", "data:,")) for link in read.all("href"))
    assert "url(" not in page.replace("url(#hatch)", "")
    assert "@import" not in page
    policy = next(given["content"] for _, given in read.elements if "http-equiv" in given)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "script" not in policy


def test_references_within_the_page_resolve(make_data: MakeReportData) -> None:
    read = Read(write_page(make_data()))
    anchors = read.all("id")
    assert len(set(anchors)) == len(anchors)
    for name in ("popovertarget", "aria-labelledby"):
        assert set(read.all(name)) <= set(anchors)
    assert {link[1:] for link in read.all("href") if link.startswith("#")} <= set(anchors)
    assert all("alt" in given for tag, given in read.elements if tag == "img")
    drawings = [given for tag, given in read.elements if tag == "svg"]
    assert all(given.get("aria-label") or given.get("aria-hidden") for given in drawings)


def test_headings_skip_no_level(make_data: MakeReportData) -> None:
    levels = [int(tag[1]) for tag, _ in Read(write_page(make_data())).elements if tag in "h1 h2 h3"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_text_from_files_is_escaped(make_data: MakeReportData) -> None:
    page = write_page(
        make_data(
            name=NASTY,
            data=NASTY,
            classes=(NASTY, "b", "c"),
            summary={NASTY: NASTY},
            settings={NASTY: NASTY},
            histories={"one": records(2), NASTY: records(2)},
            commands=(),
            remarks=[NASTY],
        )
    )
    read = Read(page)
    assert "script" not in [tag for tag, _ in read.elements]
    assert page.count("<script") == 0
    assert read.text.count("<script>alert(1)</script>") >= 10
    assert any(NASTY in alternative for alternative in read.all("alt"))


def test_the_page_shows_the_numbers_of_the_report(make_data: MakeReportData) -> None:
    data = make_data()
    report, page = data.report, write_page(data)
    text = Read(page).text
    assert f"{report.accuracy:.2%} accuracy" in text
    low, high = report.accuracy_interval or (0, 0)
    assert f"95% interval {low:.2%} to {high:.2%}" in html.unescape(text).replace("\xa0", " ")
    assert f"{report.loss:.4f}" in text
    assert f"{report.calibration_error:.2%}" in text
    for score in report.per_class:
        assert f"<td>{score.precision:.2%}</td><td>{score.recall:.2%}</td>" in page
    for mistake in report.mistakes[:25]:
        assert f"test image {mistake.index}" in text
    assert "1,234 images per second, training" in text


def test_missing_data_are_reported(make_data: MakeReportData) -> None:
    page = write_page(make_data(histories={}, first_layer=None, settings={}, is_unseen=False))
    text = Read(page).text
    assert "No curves: the epochs of this run were not recorded" in text
    assert "No pictures: " in text
    assert "held-out" not in text
    assert "Nobody knows." in text


def test_a_report_without_mistakes(make_data: MakeReportData) -> None:
    text = Read(write_page(make_data(is_correct=True))).text
    assert "100.00% accuracy" in text
    assert "No mistakes on 40 images." in text
    assert "No confusions." in text


def test_a_report_without_held_out_images(make_data: MakeReportData) -> None:
    split = gn.Split(np.zeros((3, 2, 2), np.uint8), np.zeros(3, int))
    report = gn.evaluate(FixedPredictor(np.eye(3)), split, hash_images(split.images))
    text = Read(write_page(make_data(report=report, cells={}, mistakes=[]))).text
    assert "No held-out images" in text
    assert "All 3 images" in text
    assert "% accuracy" not in text


@pytest.mark.parametrize("n_classes", [2, 26, 27, 100])
def test_the_page_can_show_any_number_of_classes(make_data: MakeReportData, n_classes: int) -> None:
    data = make_data(60, n_classes)
    read = Read(write_page(data))
    targets = set(read.all("popovertarget"))
    assert targets == {f"cell-{i}-{j}" for i, j in data.cells}
    assert len(targets) >= min(10, n_classes)
