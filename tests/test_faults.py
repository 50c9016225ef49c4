"""Seeded faults: the list matches the code, and the runner detects caught and missed faults."""

from dataclasses import replace

import pytest

from tests.faults import FAULTS, PACKAGE, ROOT, Fault, MachineryError, judge

BY_NAME = {fault.name: fault for fault in FAULTS}


def test_fault_names_are_unique() -> None:
    assert len(FAULTS) >= 24
    assert len(BY_NAME) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=BY_NAME)
def test_the_old_text_occurs_once_and_differs_from_the_new(fault: Fault) -> None:
    assert (PACKAGE / fault.file).read_text(encoding="utf-8").count(fault.old) == 1
    assert fault.new != fault.old
    assert fault.tests
    assert all((ROOT / path).is_file() for path in fault.tests)


def test_a_fault_is_caught() -> None:
    fault = BY_NAME["no warm-up"]
    verdict = judge(fault.name, fault, fault.tests)
    assert verdict.noticed_by is not None
    assert verdict.noticed_by.startswith("tests/nn/test_schedules.py::test_")
    assert str(verdict).startswith("caught  no warm-up")


def test_a_harmless_change_is_missed() -> None:
    fault = replace(BY_NAME["no warm-up"], name="a comment", new="if step < n_warmup:  # rises")
    verdict = judge(fault.name, fault, fault.tests)
    assert verdict.noticed_by is None
    assert str(verdict).startswith("MISSED  a comment")


def test_a_fault_whose_text_is_missing_is_an_error() -> None:
    fault = replace(BY_NAME["no warm-up"], old="not in the file")
    with pytest.raises(MachineryError, match=r"once in nn/schedules\.py, got 0"):
        judge(fault.name, fault, fault.tests)


def test_a_fault_that_prevents_the_import_is_an_error() -> None:
    fault = replace(BY_NAME["no warm-up"], new="if:")
    with pytest.raises(MachineryError, match="not imported"):
        judge(fault.name, fault, fault.tests)
