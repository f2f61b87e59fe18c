"""Reading a plain or packed file block by block, and blocks line by line, in bounded memory."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from trasos.errors import InputError

BLOCK = 1 << 20
#: Packed input is fed to zstd in small pieces, since one piece may unfold to very much more.
ZSTD_PIECE = 1 << 14
#: A longer line is no event: the limit keeps one broken file from filling the memory.
MAX_LINE = 10 * 1024 * 1024
#: How much of a dead line is kept.
RAW_LIMIT = 4096

_BOM = b"\xef\xbb\xbf"
#: What is told about progress while reading: bytes of the file consumed so far.
OnBytes = Callable[[int], None]


def sha256_of(path: Path) -> str:
    """Hash a file's content.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from error


def blocks(path: Path, on_bytes: OnBytes) -> Iterator[bytes]:
    """Yield the unpacked content of ``path`` in blocks; ``.gz`` and ``.zst`` are unpacked.

    Raises:
        InputError: the file cannot be read, is cut or is damaged; what was yielded before is then
            to be thrown away.
    """
    packing = path.suffix.lower()
    try:
        if packing in (".gz", ".zst") and path.stat().st_size == 0:
            raise EOFError("it holds no byte at all")
        if packing == ".gz":
            yield from _gzip_blocks(path, on_bytes)
        elif packing == ".zst":
            yield from _zstd_blocks(path, on_bytes)
        else:
            yield from _plain_blocks(path, on_bytes)
    except EOFError as error:
        raise InputError(f"cut short: {error}; drop the whole file again") from error
    except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise InputError(f"damaged: {error}; drop the file again") from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from error


def lines(content: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    r"""Split blocks at ``\n`` into lines, without their line ends.

    Yields:
        Each line and whether it is too long. Of a line longer than ``MAX_LINE`` only the first
        ``RAW_LIMIT`` bytes are given. A byte order mark at the start of the file is left out, and
        a last line without ``\n`` counts as one if it holds anything.
    """
    rest = b""
    skipping = False  # inside a line that is known to be too long, of which `rest` is the head
    for block in _without_mark(content):
        head, *others = block.split(b"\n")
        if not skipping:
            rest += head
        if others:
            yield _bounded(rest, skipping)
            for line in others[:-1]:
                yield _bounded(line, False)
            rest, skipping = others[-1], False
        if len(rest) > MAX_LINE:
            rest, skipping = rest[:RAW_LIMIT], True
    if rest:
        yield _bounded(rest, skipping)


def _without_mark(content: Iterator[bytes]) -> Iterator[bytes]:
    """Leave out a byte order mark at the start, however the blocks are cut."""
    start = b""
    for block in content:
        start += block
        if len(start) >= len(_BOM):
            break
    yield start.removeprefix(_BOM)
    yield from content


def _bounded(line: bytes, too_long: bool) -> tuple[bytes, bool]:
    if too_long or len(line) > MAX_LINE:
        return line[:RAW_LIMIT], True
    return line, False


def _plain_blocks(path: Path, on_bytes: OnBytes) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
            on_bytes(file.tell())


def _gzip_blocks(path: Path, on_bytes: OnBytes) -> Iterator[bytes]:
    with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as file:
        while block := file.read(BLOCK):
            yield block
            on_bytes(packed.tell())


def _zstd_blocks(path: Path, on_bytes: OnBytes) -> Iterator[bytes]:
    """Unpack zstd frame by frame.

    The library's stream reader takes a cut file for a finished one; the object below tells by
    ``eof`` whether the frame was whole.
    """
    unpacker = zstandard.ZstdDecompressor()
    frame = None
    with path.open("rb") as packed:
        while piece := packed.read(ZSTD_PIECE):
            while piece:
                frame = frame or unpacker.decompressobj()
                if block := frame.decompress(piece):
                    yield block
                piece = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
            on_bytes(packed.tell())
    if frame is not None:
        raise EOFError("the last zstd frame is not complete")
