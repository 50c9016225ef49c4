"""The confusion matrix, in which each cell opens its images."""

from collections.abc import Sequence

from glassnet.evaluation.page.content import Content, Example
from glassnet.evaluation.page.gallery import thumbnail
from glassnet.evaluation.page.markup import Html, element, section

MAX_CLASSES = 26  # above it, cells would be too many and too small: the worst pairs are listed
N_SHADES = 5


def confusion(content: Content) -> Html:
    """Show what was taken for what.

    Parameters
    ----------
    content : Content
        Of the page.

    Returns
    -------
    Html
        A section. Each cell is a button that opens a panel with images; the browser does this by
        itself (the attribute ``popover``), without a script.
    """
    report, classes = content.report, content.classes
    pairs = (
        f"{p.count} times {classes[p.label]} read as {classes[p.prediction]}"
        for p in report.confusions[:3]
    )
    told = f"Most often wrong: {', '.join(pairs)}." if report.confusions else "Nothing is confused."
    how = (
        "A row holds the images of one class, a column what they were read as. "
        "Choose a number to see its images."
    )
    if len(classes) <= MAX_CLASSES:
        shown = _matrix(content)
    else:
        how = (
            f"Of {len(classes)} classes only the pairs that are confused most often. "
            "Choose one to see its images."
        )
        buttons = (
            element("li", _button(content, pair.label, pair.prediction, ": "))
            for pair in report.confusions
        )
        shown = element("ul", *buttons, class_="pairs")
    panels = (
        _panel(content, label, prediction, examples)
        for (label, prediction), examples in content.cells.items()
    )
    return section(
        "confusion", "What it takes for what", element("p", told, " ", how), shown, *panels
    )


def _matrix(content: Content) -> Html:
    classes, counts = content.classes, content.report.confusion
    darkest = max([N_SHADES, *(pair.count for pair in content.report.confusions)])
    rows = []
    for label, name in enumerate(classes):
        cells = []
        for prediction in range(len(classes)):
            n = int(counts[label, prediction])
            shade = "right" if label == prediction else f"s{-(-n * N_SHADES // darkest)}"
            cell = _button(content, label, prediction) if n else ""
            cells.append(element("td", cell, class_=shade))
        rows.append(element("tr", element("th", name, scope="row"), *cells))
    corner = element("td", element("span", "is ↓ read as →"), class_="corner")
    head = element("tr", corner, *(element("th", name, scope="col") for name in classes))
    legend = "Grey: right. Blue: wrong, the stronger the more often."
    matrix = element(
        "table",
        element("caption", legend),
        element("thead", head),
        element("tbody", *rows),
        class_="matrix",
    )
    return element(
        "div", matrix, class_="scroll", tabindex=0, role="region", aria_label="Confusion matrix"
    )


def _button(content: Content, label: int, prediction: int, between: str = "") -> Html:
    """Make what opens a panel; its name for a screen reader tells what the sighted see around."""
    n, words = int(content.report.confusion[label, prediction]), _words(content, label, prediction)
    text = f"{words}{between}{n}" if between else str(n)
    if (label, prediction) not in content.cells:
        return element("span", text)
    return element(
        "button",
        text,
        type="button",
        popovertarget=f"cell-{label}-{prediction}",
        aria_label=f"{words}: {n}",
    )


def _panel(content: Content, label: int, prediction: int, examples: Sequence[Example]) -> Html:
    anchor = f"cell-{label}-{prediction}"
    n = int(content.report.confusion[label, prediction])
    which = "least" if label == prediction else "most"
    some = "" if len(examples) == n else f"; the {len(examples)} of which it was {which} sure"
    title = element("h3", _words(content, label, prediction), id=f"{anchor}-title")
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
        element("p", f"{n:,} {'image' if n == 1 else 'images'}{some}"),
        element("ul", *(thumbnail(one, content.classes) for one in examples), class_="thumbnails"),
        id=anchor,
        popover=True,
        role="dialog",
        aria_labelledby=f"{anchor}-title",
    )


def _words(content: Content, label: int, prediction: int) -> str:
    return f"{content.classes[label]} read as {content.classes[prediction]}"
