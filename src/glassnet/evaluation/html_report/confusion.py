"""Confusion matrix; each cell opens a panel with its images."""

from collections.abc import Sequence

from glassnet.evaluation.html_report.examples import MAX_MATRIX_CLASSES, Example
from glassnet.evaluation.html_report.gallery import thumbnail
from glassnet.evaluation.html_report.html_markup import Html, element, section
from glassnet.evaluation.html_report.report_data import ReportData

N_SHADES = 5


def confusion_section(data: ReportData) -> Html:
    """Write the section with the confusion matrix.

    Each cell is a button that opens a panel of images, using the ``popover`` attribute and no
    script.
    """
    report, classes = data.report, data.classes
    pairs = (
        f"{classes[p.label]} read as {classes[p.prediction]} ({p.count} times)"
        for p in report.confusions[:3]
    )
    text = f"Most frequent: {', '.join(pairs)}." if report.confusions else "No confusions."
    hint = (
        "Rows are true classes, columns are predicted classes. Select a number to see its images."
    )
    if len(classes) <= MAX_MATRIX_CLASSES:
        shown = _matrix(data)
    else:
        hint = (
            f"With {len(classes)} classes, only the most frequent confusions are listed. "
            "Select one to see its images."
        )
        buttons = (
            element("li", _button(data, pair.label, pair.prediction, ": "))
            for pair in report.confusions
        )
        shown = element("ul", *buttons, class_="pairs")
    panels = (
        _panel(data, label, prediction, examples)
        for (label, prediction), examples in data.cells.items()
    )
    return section("confusion", "Confusion matrix", element("p", text, " ", hint), shown, *panels)


def _matrix(data: ReportData) -> Html:
    classes, counts = data.classes, data.report.confusion
    darkest = max([N_SHADES, *(pair.count for pair in data.report.confusions)])
    rows = []
    for label, name in enumerate(classes):
        cells = []
        for prediction in range(len(classes)):
            n = int(counts[label, prediction])
            shade = "right" if label == prediction else f"s{-(-n * N_SHADES // darkest)}"
            cell = _button(data, label, prediction) if n else ""
            cells.append(element("td", cell, class_=shade))
        rows.append(element("tr", element("th", name, scope="row"), *cells))
    corner = element("td", element("span", "true ↓ predicted →"), class_="corner")
    head = element("tr", corner, *(element("th", name, scope="col") for name in classes))
    legend = "Grey: correct. Blue: mistakes; a stronger colour means a higher count."
    matrix = element(
        "table",
        element("caption", legend),
        element("thead", head),
        element("tbody", *rows),
        class_="matrix",
    )
    return element(
        "div",
        matrix,
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label="Counts by true and predicted class",
    )


def _button(data: ReportData, label: int, prediction: int, separator: str = "") -> Html:
    """Write the button that opens a panel; its screen-reader label names the row and column."""
    n = int(data.report.confusion[label, prediction])
    name = _name_pair(data, label, prediction)
    text = f"{name}{separator}{n}" if separator else str(n)
    if (label, prediction) not in data.cells:
        return element("span", text)
    return element(
        "button",
        text,
        type="button",
        popovertarget=f"cell-{label}-{prediction}",
        aria_label=f"{name}: {n}",
    )


def _panel(data: ReportData, label: int, prediction: int, examples: Sequence[Example]) -> Html:
    anchor = f"cell-{label}-{prediction}"
    n = int(data.report.confusion[label, prediction])
    degree = "least" if label == prediction else "most"
    note = "" if len(examples) == n else f"; showing the {len(examples)} {degree} confident"
    thumbnails = (thumbnail(example, data.classes) for example in examples)
    title = element("h3", _name_pair(data, label, prediction), id=f"{anchor}-title")
    close = element(
        "button",
        "Close",
        type="button",
        popovertarget=anchor,
        popovertargetaction="hide",
        autofocus=True,
    )
    return element(
        "div",
        element("header", title, close),
        element("p", f"{n:,} {'image' if n == 1 else 'images'}{note}"),
        element("ul", *thumbnails, class_="thumbnails"),
        id=anchor,
        popover=True,
        role="dialog",
        aria_labelledby=f"{anchor}-title",
    )


def _name_pair(data: ReportData, label: int, prediction: int) -> str:
    return f"{data.classes[label]} read as {data.classes[prediction]}"
