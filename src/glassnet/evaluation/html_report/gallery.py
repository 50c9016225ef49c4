"""Gallery of mistakes: images with their label, prediction and probabilities."""

from collections.abc import Sequence

from glassnet.drawing import sure
from glassnet.evaluation.html_report.examples import Example
from glassnet.evaluation.html_report.html_markup import Html, element, section
from glassnet.evaluation.html_report.pictures import embed_image
from glassnet.evaluation.report import Report

N_BARS = 3  # the most probable classes


def mistakes_section(examples: Sequence[Example], classes: Sequence[str], report: Report) -> Html:
    """Write the section with the most confident mistakes."""
    n_wrong = report.n - int(report.confusion.trace())
    if not examples:
        text = f"No mistakes on {report.n:,} images."
    elif len(examples) == n_wrong:
        text = f"All {n_wrong:,} mistakes on {report.n:,} images, the most confident first."
    else:
        text = f"The {len(examples)} most confident of {n_wrong:,} mistakes on {report.n:,} images."
    cards = (_card(example, classes) for example in examples)
    gallery = element("ul", *cards, class_="gallery") if examples else ""
    return section("mistakes", "Mistakes", element("p", text), gallery)


def thumbnail(example: Example, classes: Sequence[str]) -> Html:
    """Write a list item: the image and the probabilities of its predicted and true classes."""
    label, prediction = classes[example.label], classes[example.prediction]
    text = f"{sure(example.probability)} for {prediction}"
    if label != prediction:
        text = f"{text}, {sure(float(example.probabilities[example.label]))} for {label}"
    return element(
        "li", _picture(example, classes), text, element("small", f"image {example.index}")
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
    return embed_image(example.image, f"{label} read as {prediction}, {_where(example)}")


def _where(example: Example) -> str:
    return f"test image {example.index}"


def _bar(name: str, probability: float) -> Html:
    fill = element("i", style=f"width:{100 * probability:.1f}%")
    return element("li", element("span", name), element("span", fill), sure(probability))
