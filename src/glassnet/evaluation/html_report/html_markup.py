"""HTML markup: elements of HTML and SVG, with escaped text."""

from collections.abc import Iterable
from html import escape

VOID_ELEMENTS = {"img", "link", "meta"}  # without content or an end tag


class Html(str):
    """Markup that is not escaped; any other string is escaped as text."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: object) -> Html:
    """Write an HTML or SVG element.

    Parameters
    ----------
    *children : str
        Text is escaped, `Html` is not.
    **attributes : object
        None and False omit an attribute; True writes it without a value. ``class_`` becomes
        ``class``, ``aria_label`` becomes ``aria-label``.
    """
    text = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_quoted(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{text}>" + ("" if name in VOID_ELEMENTS else f"{join(children)}</{name}>"))


def join(parts: Iterable[str]) -> Html:
    """Concatenate parts, escaping text but not `Html`."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def _quoted(value: object) -> str:
    """Format an attribute value; floats have at most one decimal place."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else escape(str(value))


def details(summary: str, *children: str) -> Html:
    """Write a ``details`` element, collapsed to its summary until the reader opens it."""
    return element("details", element("summary", summary), *children)


def section(anchor: str, title: str, *children: str) -> Html:
    """Write a section of the page, with a heading and an anchor."""
    heading = element("h2", title, id=f"{anchor}-title")
    return element("section", heading, *children, id=anchor, aria_labelledby=f"{anchor}-title")


def table(
    caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]], class_: str | None = None
) -> Html:
    """Write a table that scrolls horizontally; the first cell of each row is its header."""
    head = element("tr", *(element("th", text, scope="col") for text in heads))
    body = (
        element(
            "tr",
            *(
                element("td", text) if column else element("th", text, scope="row")
                for column, text in enumerate(row)
            ),
        )
        for row in rows
    )
    content = element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *body),
        class_=class_,
    )
    return element("div", content, class_="scroll", tabindex=0, role="region", aria_label=caption)


def percent(share: float | None) -> str:
    """Format a proportion as a percentage with two decimal places, or None as a dash."""
    return "-" if share is None else f"{share:.2%}"
