"""Report phrases that glassnet's prose avoids: ``python -m checks.phrases``."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOTS = ("src", "docs", "notebooks", "benchmarks", "tests", "checks")
SUFFIXES = {".md", ".py", ".pyi", ".js", ".json", ".html", ".css", ".ipynb"}
OTHER_LANGUAGES = {"de.json"}

# What may follow "a training": the noun that it qualifies.
NOUNS = (
    "run|set|step|image|part|split|loss|accuracy|batch|loop|example|sample|record|time|data|path|"
    "curve|forward|pass"
)

INSTEAD = {
    r"beside": "next to, compared with",
    rf"a training(?! (?:{NOUNS}))": "a run, a training run",
    r"trainings": "runs, training runs",
    r"of its own": "its own, a separate",
    r"told": "a name for the value; stated, given",
    r"whoever": "users who, callers that",
    r"who\(m\)ever|whomever": "users who, callers that",
    r"rightly": "correctly",
    r"so many": "that many, this number of",
    r"the very": "the same, exactly the",
    r"at hand": "available",
    r"by heart": "memorised",
    r"or alike": "or similar",
    r"numbers that are none": "NaN or infinite",
    r"(?:that|which) is none": "NaN, not a ...",
    r"Refuse what": "Validate ..., Raise for ...",
    r"mend(?:s|ed|ing)?": "fix, repair",
    r"go(?:es)? on with": "continue with",
    r"what enters": "the inputs",
    r"what came of": "the result of",
    r"(?<!such\s)as [0-9a-z_]+=": "such as ...=, e.g. ...=",
    r"for want of": "without, because there is no",
}

# (file, text of the line, reason)
ALLOWED = (
    ("checks/phrases.py", "", "lists the phrases"),
    ("tests/test_checks.py", "", "tests the phrases"),
    ("CHANGELOG.md", "| Lab", "gives the old names"),
)


def prose_files() -> list[Path]:
    """Return the files to check, sorted."""
    paths = [*Path().glob("*.md"), Path("Makefile"), Path("pyproject.toml")]
    for root in ROOTS:
        paths += [path for path in Path(root).rglob("*") if path.suffix in SUFFIXES]
    return sorted(path for path in paths if path.name not in OTHER_LANGUAGES)


def find_phrases(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, phrase and usual wording of each phrase to avoid."""
    for phrase, wording in INSTEAD.items():
        # A phrase may continue in the next line, after the mark of a comment, quote or list.
        pattern = phrase.replace(" ", r"(?: |\s*\n[\s#/*>-]*)")
        end = r"(?![\w-])" if phrase[-1] != "=" else ""
        for match in re.finditer(rf"(?<![\w-])(?:{pattern}){end}", text, re.IGNORECASE):
            yield text.count("\n", 0, match.start()), match[0], wording


def main() -> None:
    """Exit with the phrases found and the allowances not used; with status 0 without any."""
    problems, unused = [], set(ALLOWED)
    for path in prose_files():
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for number, phrase, wording in find_phrases(text):
            allowed = {a for a in ALLOWED if a[0] == path.as_posix() and a[1] in lines[number]}
            unused -= allowed
            if not allowed:
                problems.append(
                    f"{path}:{number + 1}: {' '.join(phrase.split())!r}; use: {wording}"
                )
    problems += [f"checks/phrases.py: remove the unused allowance {a}" for a in sorted(unused)]
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main()
