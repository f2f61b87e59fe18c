"""Taking personal data out of events and of raw text before they land."""

from __future__ import annotations

import re
from typing import Any

from orjson import JSONDecodeError, JSONEncodeError, dumps, loads

from trasos.landing.pseudonyms import (
    ELSEWHERE,
    IN_CONTEXT,
    IN_PROPERTIES,
    IN_TRAITS,
    Pseudonyms,
    Rule,
    Verdict,
)
from trasos.landing.schema import JSON_COLUMNS

#: How many harmless names are remembered, and how long each may be: a broken tracker may send new
#: ones with every line.
NAMES_KNOWN = 10_000
NAME_LENGTH = 100

# No bound on a part would cost the square of the text's length where no @ ends it.
_PART = r"[^\s\"<>(){}\[\],:;=&?/\\@]{1,254}"
_ADDRESS = re.compile(rf"{_PART}(?:@|%40|\\u0040){_PART}", re.IGNORECASE)


def without_addresses(text: str) -> str:
    """Replace everything that looks like an e-mail address by ``<e-mail>``."""
    return _ADDRESS.sub("<e-mail>", text)


class _Judge:
    """Finds the personal fields of objects by one rule; remembers which names are harmless."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.harmless: set[str] = set()

    def found(self, node: dict[str, Any]) -> list[tuple[str, Verdict]]:
        """Give the names of personal fields in ``node``, and what is to happen to them."""
        if self.harmless.issuperset(node):
            return []
        found = []
        for name in node:
            if name in self.harmless:
                continue
            verdict = self._rule.verdict(name)
            if verdict is not None:
                found.append((name, verdict))
            elif len(name) <= NAME_LENGTH and len(self.harmless) < NAMES_KNOWN:
                self.harmless.add(name)
        return found


class Scrubber:
    """Takes personal data out of events; one for each call of landing.

    Objects are changed in place: a dropped field disappears, a hashed one keeps its name with the
    hash, or null where there is no key, or where its value is neither text nor number.

    Attributes:
        pseudonyms: makes the hashes.
        key_missing: whether a field that should have become a hash was dropped for want of a key.
    """

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms
        self.key_missing = False
        self._properties, self._context = _Judge(IN_PROPERTIES), _Judge(IN_CONTEXT)
        self._traits, self._elsewhere = _Judge(IN_TRAITS), _Judge(ELSEWHERE)
        # Where traits may lie: to be looked into, but nothing that the rule speaks of.
        self._context.harmless.add("traits")

    def event(self, objects: list[Any], extra: dict[str, Any]) -> bool:
        """Clean one event of the Segment envelope.

        Cleaned are ``traits`` and ``context.traits`` at every depth, ``context.ip``, an e-mail
        address or phone number in ``properties``, and ``extra`` at every depth.

        Args:
            objects: properties, context and traits, as ``JSON_COLUMNS`` orders them.
            extra: what lies beside the envelope's own keys.

        Returns:
            Whether anything personal was in it.
        """
        properties, context, traits = objects
        personal = False
        if type(context) is dict:
            # Trackers send it with every event: it is worth not asking the judge.
            personal = context.pop("ip", None) is not None
            if not self._context.harmless.issuperset(context):
                personal |= self._replace(context, self._context)
            if "traits" in context:
                context["traits"], found = self.traits(context["traits"])
                personal |= found
        if type(properties) is dict and not self._properties.harmless.issuperset(properties):
            personal |= self._replace(properties, self._properties)
        if traits is not None:
            objects[2], found = self.traits(traits)
            personal |= found
        return personal | self._deep(extra, self._elsewhere) if extra else personal

    def traits(self, traits: Any) -> tuple[Any, bool]:
        """Clean traits, and say whether anything personal was in them; mere text is dropped."""
        if type(traits) is str:
            return None, True
        return traits, self._deep(traits, self._traits)

    def text(self, column: str, text: str) -> str | None:
        """Clean the JSON text of a column that is named as in the envelope.

        Text that is no JSON stays, without e-mail addresses; of ``traits`` it is dropped.
        """
        try:
            value = loads(text)
            if column == "extra":
                personal = self._deep(value, self._elsewhere)
            else:
                place = list(JSON_COLUMNS).index(column)
                objects = [None] * len(JSON_COLUMNS)
                objects[place] = value
                personal = self.event(objects, {})
                value = objects[place]
            return dumps(value).decode() if personal else text
        except (JSONDecodeError, JSONEncodeError):
            return None if column == "traits" else without_addresses(text)

    def hashed(self, value: Any) -> str | None:
        """Hash a text or a number; note where a key would have been needed."""
        if self.pseudonyms.key is None:
            self.key_missing = True
        if type(value) is str:
            return self.pseudonyms.hashed(value)
        return self.pseudonyms.hashed(str(value)) if type(value) in (int, float) else None

    def _deep(self, top: Any, judge: _Judge) -> bool:
        """Clean an object or a list and all below; a stack, since nesting may be deep."""
        personal = False
        stack = [top]
        while stack:
            node = stack.pop()
            if type(node) is dict:
                personal |= self._replace(node, judge)
                stack.extend(value for value in node.values() if type(value) in (dict, list))
            elif type(node) is list:
                stack.extend(value for value in node if type(value) in (dict, list))
        return personal

    def _replace(self, node: dict[str, Any], judge: _Judge) -> bool:
        """Hash or drop the personal fields of ``node``; a null is nothing personal."""
        personal = False
        for name, verdict in judge.found(node):
            personal |= node[name] is not None
            if verdict == "drop":
                del node[name]
            elif node[name] is not None:
                node[name] = self.hashed(node[name])
        return personal
