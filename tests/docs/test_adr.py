"""The architecture decision records: form, index, supersessions, and names that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "adr"
RECORDS = {p.name: p.read_text(encoding="utf-8") for p in sorted(FOLDER.glob("[0-9]*.md"))}
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
SECTIONS = ["Status", "Context", "Decision", "Consequences"]
SUCCESSOR = re.compile(r"^Superseded by \[\d{4}\]\(([^)]+)\)", re.MULTILINE)
PREDECESSOR = re.compile(r"Supersedes \[\d{4}\]\(([^)]+)\)")


def test_numbers_are_consecutive() -> None:
    assert [int(name[:4]) for name in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_each_record_has_four_sections_and_a_date() -> None:
    for name, text in RECORDS.items():
        assert text.startswith(f"# {name[:4]}. "), name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS, name
        status = text.split("## Status\n\n", 1)[1]
        assert re.match(r"(Superseded by .*\. )?Accepted \d{4}-\d{2}-\d{2}\.", status), name


def test_superseded_records_and_their_successors_name_each_other() -> None:
    superseded = {(name, new) for name, text in RECORDS.items() for new in SUCCESSOR.findall(text)}
    assert superseded
    assert superseded == {
        (old, name) for name, text in RECORDS.items() for old in PREDECESSOR.findall(text)
    }


def test_the_index_has_title_status_and_date() -> None:
    rows = [line for line in INDEX if line.startswith("| [")]
    assert len(rows) == len(RECORDS)
    for (name, text), row in zip(RECORDS.items(), rows, strict=True):
        title = text.splitlines()[0].split(". ", 1)[1]
        date = re.findall(r"Accepted (\S+)\.", text)[0]
        successor = SUCCESSOR.search(text)
        status = "Accepted" if successor is None else successor[0]
        assert row == f"| [{name[:4]}]({name}) | {title} | {status} | {date} |"


def test_links_lead_to_files() -> None:
    for name, text in RECORDS.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            assert (FOLDER / target).is_file(), f"{name}: {target}"


def test_paths_and_names_exist() -> None:
    """Text in backticks names files and identifiers of the present code, or what it calls."""
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
    files += [ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / ".ci" / "run"]
    known = set(re.findall(r"[A-Za-z_]\w*", " ".join(p.read_text("utf-8") for p in files)))
    for name, text in RECORDS.items():
        for code in re.findall(r"`([^`]+)`", text):
            if re.fullmatch(r"[\w./-]+\.(py|json|md)|[a-z_]+(/\w+)+", code):
                places = (ROOT / code, ROOT / "src" / "glassnet" / code)
                assert any(place.exists() for place in places) or code == "config.json", (
                    f"{name}: {code}"
                )
                continue
            for word in re.findall(r"[A-Za-z_]\w+", code):
                assert {word, word.rstrip("0123456789")} & known, f"{name}: {word} in {code}"
