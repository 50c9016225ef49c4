"""Atomic file writes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from glassnet.errors import GlassnetError
from glassnet.files import write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"one\r\ntwo\n", bytes(range(256)) * 999])
def test_content_is_written(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "new.bin"
    write_atomically(path, content)
    assert path.read_bytes() == content
    assert names(tmp_path) == ["new.bin"]


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"something longer than the new content")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_file_permissions_follow_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "file", b"")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_content_is_synced_before_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        calls.append("fsync")
        fsync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        calls.append("replace")
        assert path.read_bytes() == b"content"
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_atomically(tmp_path / "file", b"content")
    assert calls == ["fsync", "replace"]


def fail(error: BaseException) -> Callable[..., None]:
    def failing(*_: object) -> None:
        raise error

    return failing


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        PermissionError(13, "Permission denied"),
        pytest.param(KeyboardInterrupt()),
    ],
)
def test_a_failure_leaves_the_old_file_unchanged_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(step, fail(error))
    with pytest.raises((GlassnetError, KeyboardInterrupt)):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_the_error_of_a_failure_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", fail(OSError(28, "No space left on device")))
    with pytest.raises(GlassnetError) as raised:
        write_atomically(tmp_path / "file", b"new")
    assert str(raised.value) == f"{tmp_path / 'file'}: cannot be written: No space left on device"
    assert isinstance(raised.value.__cause__, OSError)


def test_folders_are_neither_overwritten_nor_created(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", tmp_path / "missing" / "file"):
        with pytest.raises(GlassnetError, match="cannot be written") as raised:
            write_atomically(path, b"new")
        assert str(raised.value).startswith(str(path))
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("name", [".", "", "/"])
def test_a_path_without_a_file_name_raises(name: str) -> None:
    with pytest.raises(GlassnetError, match="cannot be written"):
        write_atomically(Path(name), b"new")
