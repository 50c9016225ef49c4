"""The list of faults fits the code as it is, and its machinery tells caught from missed."""

from dataclasses import replace

import pytest

from tests.faults import FAULTS, PACKAGE, ROOT, Fault, MachineryError, judge

BY_NAME = {fault.name: fault for fault in FAULTS}


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(FAULTS) >= 24
    assert len(BY_NAME) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=BY_NAME)
def test_the_old_text_stands_there_once_and_the_new_is_another(fault: Fault) -> None:
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


def test_a_fault_that_does_not_fit_is_told() -> None:
    fault = replace(BY_NAME["no warm-up"], old="nowhere to be found")
    with pytest.raises(MachineryError, match=r"once in nn/schedules\.py, got 0"):
        judge(fault.name, fault, fault.tests)


def test_a_fault_that_cannot_be_imported_is_told() -> None:
    fault = replace(BY_NAME["no warm-up"], new="if:")
    with pytest.raises(MachineryError, match="not imported"):
        judge(fault.name, fault, fault.tests)
