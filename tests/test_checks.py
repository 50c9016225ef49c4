"""The check of phrases finds each phrase, and nothing that only looks like one."""

import pytest

from checks.phrases import find_phrases


@pytest.mark.parametrize(
    "text",
    [
        "beside the network",
        "a training that ends",
        "two trainings",
        "of its own",
        "it was told",
        "whoever reads it",
        "whomever it concerns",
        "rightly so",
        "so many images",
        "the very bits",
        "the data at hand",
        "learnt by heart",
        "or alike",
        "numbers that are none",
        "a size that is none",
        "a size which is none",
        "Refuse what cannot work",
        "mends it",
        "goes on with the next",
        "what enters a layer",
        "what came of it",
        "options as rotation=1",
        "for want of time",
        "so\n    # many images",
    ],
)
def test_a_phrase_is_found(text: str) -> None:
    assert [line for line, _, _ in find_phrases("first line\n" + text)] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "a training set",
        "a training\nrun",
        "such as rotation=1",
        "besides",
        "amendment",
        "recommend",
    ],
)
def test_other_text_is_not_reported(text: str) -> None:
    assert not list(find_phrases(text))
