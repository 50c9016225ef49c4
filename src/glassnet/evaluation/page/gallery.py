"""The gallery: test images with what they are, what they were read as, and how surely."""

from collections.abc import Sequence

from glassnet.drawing import sure
from glassnet.evaluation.page.content import Example
from glassnet.evaluation.page.markup import Html, element, section
from glassnet.evaluation.page.pictures import ink
from glassnet.evaluation.report import Report

N_BARS = 3  # of the likeliest classes


def mistakes(examples: Sequence[Example], classes: Sequence[str], report: Report) -> Html:
    """Show the mistakes that the model was surest of.

    Parameters
    ----------
    examples : sequence of Example
        To show.
    classes : sequence of str
        Names of the classes.
    report : Report
        Tells how many mistakes there are.

    Returns
    -------
    Html
        A section.
    """
    n_wrong = report.n - int(report.confusion.trace())
    if not examples:
        told = f"No mistakes on {report.n:,} images."
    elif len(examples) == n_wrong:
        told = f"All {n_wrong:,} on {report.n:,} images, the most confident first."
    else:
        told = f"The {len(examples)} most confident of {n_wrong:,} on {report.n:,} images."
    cards = (_card(example, classes) for example in examples)
    shown = element("ul", *cards, class_="gallery") if examples else ""
    return section("mistakes", "Mistakes", element("p", told), shown)


def thumbnail(example: Example, classes: Sequence[str]) -> Html:
    """Show one image small, with what the model gave to what it read and to what it is.

    Parameters
    ----------
    example : Example
        To show.
    classes : sequence of str
        Names of the classes.

    Returns
    -------
    Html
        An item of a list.
    """
    label, prediction = classes[example.label], classes[example.prediction]
    said = f"{sure(example.probability)} for {prediction}"
    if label != prediction:
        said = f"{said}, {sure(float(example.probabilities[example.label]))} for {label}"
    return element(
        "li", _picture(example, classes), said, element("small", f"image {example.index}")
    )


def _card(example: Example, classes: Sequence[str]) -> Html:
    head = element(
        "p",
        "is ",
        element("b", classes[example.label]),
        ", read as ",
        element("b", classes[example.prediction]),
    )
    likeliest = sorted(range(len(classes)), key=lambda k: -example.probabilities[k])[:N_BARS]
    bars = (_bar(classes[k], float(example.probabilities[k])) for k in likeliest)
    return element(
        "li",
        _picture(example, classes),
        head,
        element("ul", *bars, class_="bars"),
        element("small", _where(example)),
    )


def _picture(example: Example, classes: Sequence[str]) -> Html:
    label, prediction = classes[example.label], classes[example.prediction]
    return ink(example.image, f"{label} read as {prediction}, {_where(example)}")


def _where(example: Example) -> str:
    return f"test image {example.index}"


def _bar(name: str, probability: float) -> Html:
    fill = element("i", style=f"width:{100 * probability:.1f}%")
    return element("li", element("span", name), element("span", fill), sure(probability))
