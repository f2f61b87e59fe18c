from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trasos.errors import InputError
from trasos.landing import reading
from trasos.landing.reading import blocks, lines

from .conftest import packed


def nothing(consumed: int) -> None:
    pass


def expected_lines(content: bytes) -> list[bytes]:
    parts = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return parts if parts[-1] else parts[:-1]


@given(
    st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff", b" "])),
    st.lists(st.integers(min_value=1, max_value=5), min_size=1, max_size=20),
)
def test_lines_do_not_depend_on_how_blocks_are_cut(parts: list[bytes], cuts: list[int]) -> None:
    content = b"".join(parts)
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(content[start : start + cut])
        start += cut
    pieces.append(content[start:])
    assert [line for line, _ in lines(iter(pieces))] == expected_lines(content)


@given(st.lists(st.integers(min_value=0, max_value=60), max_size=12), st.integers(1, 70))
def test_every_line_above_the_limit_is_told_and_cut(lengths: list[int], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MAX_LINE", 20)
        patch.setattr(reading, "RAW_LIMIT", 5)
        content = b"".join(b"x" * length + b"\n" for length in lengths)
        pieces = (content[at : at + block] for at in range(0, len(content), block))
        found = list(lines(pieces))
    assert [too_long for _, too_long in found] == [length > 20 for length in lengths]
    assert [len(line) for line, _ in found] == [5 if n > 20 else n for n in lengths]


def test_a_huge_line_is_never_held_whole() -> None:
    held = []

    def content() -> object:
        for _ in range(64):
            yield b"x" * (1 << 20)
        yield b"\nshort\n"

    for line, too_long in lines(content()):  # type: ignore[arg-type]
        held.append((len(line), too_long))
    assert held == [(reading.RAW_LIMIT, True), (5, False)]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_packings_unpack_to_the_same(tmp_path: Path, suffix: str) -> None:
    content = bytes(range(256)) * 20_000
    path = tmp_path / f"f{suffix}"
    path.write_bytes(packed(content, suffix))
    seen: list[int] = []
    assert b"".join(blocks(path, seen.append)) == content
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_joined_packed_files_are_read_to_the_end(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"f{suffix}"
    path.write_bytes(packed(b"one\n", suffix) + packed(b"two\n", suffix))
    assert b"".join(blocks(path, nothing)) == b"one\ntwo\n"


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("keep", [0, 3, 40, -1])
def test_a_cut_file_is_told(tmp_path: Path, suffix: str, keep: int) -> None:
    path = tmp_path / f"f{suffix}"
    path.write_bytes(packed(bytes(range(256)) * 50, suffix)[:keep])
    with pytest.raises(InputError, match=r"cut short|damaged"):
        list(blocks(path, nothing))


@pytest.mark.parametrize("spoil", [lambda b: b"not packed at all", lambda b: b + b"garbage!"])
@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_damaged_file_is_told(
    tmp_path: Path, suffix: str, spoil: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"f{suffix}"
    path.write_bytes(spoil(packed(b"x\n" * 100, suffix)))
    with pytest.raises(InputError, match=r"damaged|cut short"):
        list(blocks(path, nothing))
