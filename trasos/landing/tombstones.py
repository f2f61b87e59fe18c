"""Who was erased: hashes by which landing knows them again, and keeps them out.

Below ``landing/.tombstones/`` lies one small JSON file for each erased person. It holds keyed
hashes alone: who has the file without the key cannot even try ids out. The key is
``TRASOS_PSEUDONYM_KEY``, or, where none is set, a random one in the file ``key`` beside them; that
one lies with the data and only keeps ids from being read or looked up.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import orjson

from trasos.errors import ConfigurationError, InputError
from trasos.files import sync, write_json
from trasos.landing.pseudonyms import DIGITS, VARIABLE, Pseudonyms

#: Reason of the dead letters that stand for an erased person's lines; they keep no text.
ERASED = "erased person"
FOLDER = ".tombstones"

_KEY_FILE = "key"
#: Answers that are remembered, so that a device's thousand events are hashed once.
_REMEMBERED = 500_000
#: What an id may look like in text that nobody could parse.
_TOKENS = (re.compile(r"[\w-]+"), re.compile(r"[^\s\"',;:{}\[\]<>]+"))


@dataclass(frozen=True)
class Span:
    """A time in which a shared device was the person's.

    Attributes:
        device: hash of the device's id.
        valid_from: UTC, without zone; inclusive.
        valid_to: exclusive.
    """

    device: str
    valid_from: datetime
    valid_to: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether ``moment`` (UTC, without zone) lies in it."""
        return self.valid_from <= moment < self.valid_to


@dataclass(frozen=True)
class Tombstone:
    """One erased person of one source.

    Attributes:
        source: name of the source.
        key: tells the key of the hashes without giving it away.
        customer: hash of the customer's id.
        devices: hashes of the devices that were the person's alone.
        spans: the person's times on devices that others used too.
        erased_at: when the erasure was first asked for, UTC.
        done: whether it was carried out and proved.
    """

    source: str
    key: str
    customer: str
    devices: frozenset[str]
    spans: frozenset[Span]
    erased_at: datetime
    done: bool = False

    def joined(self, other: Tombstone) -> Tombstone:
        """Add what is known of the same person by another one; what is new is not done yet."""
        return replace(
            self,
            devices=self.devices | other.devices,
            spans=self.spans | other.spans,
            done=self.done and other.devices <= self.devices and other.spans <= self.spans,
        )


class Tombstones:
    """The erased persons of one source, to ask after ids in the clear.

    Args:
        stones: who was erased.
        keys: the keys of their hashes.
    """

    def __init__(self, stones: Iterable[Tombstone] = (), keys: Mapping[str, Key] | None = None):
        self.stones = tuple(stones)
        self._keys = tuple((keys or {})[mark] for mark in {stone.key for stone in self.stones})
        self._customers = frozenset(stone.customer for stone in self.stones)
        self._devices = frozenset[str]().union(*(stone.devices for stone in self.stones))
        self._spans: dict[str, list[Span]] = {}
        for stone in self.stones:
            for span in stone.spans:
                self._spans.setdefault(span.device, []).append(span)
        self._remembered: dict[tuple[str, str], tuple[bool, tuple[Span, ...]]] = {}

    def __bool__(self) -> bool:
        """Whether anybody was erased at all."""
        return bool(self.stones)

    def customer(self, customer_id: str) -> bool:
        """Whether this customer was erased."""
        return self._ask("customer", customer_id)[0]

    def device(self, visitor_id: str) -> bool:
        """Whether this device was an erased person's alone."""
        return self._ask("device", visitor_id)[0]

    def spans(self, visitor_id: str) -> tuple[Span, ...]:
        """The times in which this shared device was an erased person's."""
        return self._ask("device", visitor_id)[1]

    def covers(
        self,
        customer_id: str | None,
        visitor_id: str | None,
        moment: Callable[[], datetime | None],
    ) -> bool:
        """Whether an event is an erased person's.

        Args:
            customer_id: whom it names; None for nobody.
            visitor_id: the device; None for none.
            moment: tells when it happened, UTC without zone; asked for shared devices alone.
        """
        if customer_id is not None and self.customer(customer_id):
            return True
        if visitor_id is None:
            return False
        if self.device(visitor_id):
            return True
        # On a shared device an event that names another customer is that one's.
        spans = self.spans(visitor_id) if customer_id is None else ()
        at = moment() if spans else None
        return at is not None and any(span.holds(at) for span in spans)

    def named_in(self, text: str) -> bool:
        """Whether a text that could not be parsed holds an erased customer's or device's id."""
        tokens = {token for pattern in _TOKENS for token in pattern.findall(text)}
        return any(self.customer(token) or self.device(token) for token in tokens)

    def _ask(self, kind: str, value: str) -> tuple[bool, tuple[Span, ...]]:
        known = self._remembered.get((kind, value))
        if known is not None:
            return known
        among = self._customers if kind == "customer" else self._devices
        hashes = [key.hashed(kind, value) for key in self._keys]
        spans = [span for one in hashes for span in self._spans.get(one, ())]
        answer = (any(one in among for one in hashes), tuple(spans))
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered[kind, value] = answer
        return answer


@dataclass(frozen=True)
class Key:
    """A key of tombstones."""

    secret: bytes

    def hashed(self, kind: str, value: str) -> str:
        """Hash an id: HMAC-SHA256 of its kind and itself, the first 32 hexadecimal digits.

        Ids are taken to the letter, since case may be all that two of them differ in.
        """
        message = f"{kind}:{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, message, "sha256").hex()[:DIGITS]

    @property
    def mark(self) -> str:
        """Tells one key from another without giving it away."""
        return self.hashed("mark", "of this key")[:8]


class Graveyard:
    """The tombstones below a landing folder.

    Args:
        landing: folder of what was taken in.
        pseudonyms: hold the key of the environment, if there is one.
    """

    def __init__(self, landing: Path, pseudonyms: Pseudonyms) -> None:
        self.folder = landing / FOLDER
        own = Key(pseudonyms.key) if pseudonyms.key is not None else None
        kept = self._kept_key()
        self._keys = {key.mark: key for key in (own, kept) if key is not None}
        self._current = own or kept

    @property
    def has_key(self) -> bool:
        """Whether there is a key, so that none need be made."""
        return self._current is not None

    def key_of(self, stone: Tombstone | None) -> Key:
        """The key of a tombstone, or for a new one; made where there is none at all."""
        if stone is not None:
            return self._keys[stone.key]
        if self._current is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh = self.folder / f".{_KEY_FILE}.new"
            fresh.unlink(missing_ok=True)
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32), encoding="ascii")
            sync(fresh)
            fresh.replace(self.folder / _KEY_FILE)
            sync(self.folder)
            self._current = self._kept_key()
            assert self._current is not None  # it was written above
            self._keys[self._current.mark] = self._current
        return self._current

    def of(self, source: str) -> Tombstones:
        """Read the tombstones of a source.

        Raises:
            ConfigurationError: one was made with a key that is not set now, so that the person
                would come back unknown.
            InputError: a file is damaged.
        """
        stones = [stone for stone in self._all() if stone.source == source]
        for stone in stones:
            if stone.key not in self._keys:
                raise ConfigurationError(
                    f"A person of the source {source!r} was erased under another {VARIABLE} than "
                    "the one that is set now, and could not be kept out. Set it to what it was "
                    f"when `trasos forget` was called (its mark is {stone.key})."
                )
        return Tombstones(stones, self._keys)

    def find(self, source: str, customer_id: str) -> Tombstone | None:
        """The tombstone of a customer, if there is one; errors as ``of``."""
        hashes = {key.hashed("customer", customer_id) for key in self._keys.values()}
        found = [stone for stone in self.of(source).stones if stone.customer in hashes]
        return found[0] if found else None

    def only(self, stone: Tombstone, key: Key | None = None) -> Tombstones:
        """One tombstone alone, to ask after ids; ``key`` where it is not one of these."""
        return Tombstones([stone], {**self._keys, **({key.mark: key} if key else {})})

    def write(self, stone: Tombstone) -> None:
        """Put a tombstone on the disk, in place of the one of the same person."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / ".stone.new"
        content = asdict(stone)
        content["devices"] = sorted(stone.devices)
        content["spans"] = [asdict(span) for span in sorted(stone.spans, key=repr)]
        write_json(fresh, content)
        fresh.replace(self.folder / f"{stone.source}-{stone.customer}.json")
        sync(self.folder)

    def _all(self) -> list[Tombstone]:
        return [_read(path) for path in sorted(self.folder.glob("*.json"))]

    def _kept_key(self) -> Key | None:
        file = self.folder / _KEY_FILE
        return Key(bytes.fromhex(file.read_text(encoding="ascii"))) if file.exists() else None


def _read(path: Path) -> Tombstone:
    try:
        content = orjson.loads(path.read_bytes())
        spans = [
            Span(
                one["device"],
                datetime.fromisoformat(one["valid_from"]),
                datetime.fromisoformat(one["valid_to"]),
            )
            for one in content.pop("spans")
        ]
        return Tombstone(
            **{
                **content,
                "devices": frozenset(content["devices"]),
                "spans": frozenset(spans),
                "erased_at": datetime.fromisoformat(content["erased_at"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The tombstone {path} cannot be read ({error}), and without it an erased person would "
            "come back. Restore it from a backup, or call `trasos forget` for that person again "
            "after removing it."
        ) from error
