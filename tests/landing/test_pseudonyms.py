from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trasos.errors import ConfigurationError
from trasos.landing.pseudonyms import (
    DROPPED,
    ELSEWHERE,
    HASHED,
    IN_CONTEXT,
    IN_PROPERTIES,
    IN_TRAITS,
    NAMES,
    VARIABLE,
    Pseudonyms,
)

ONE, OTHER = Pseudonyms(b"0123456789abcdef"), Pseudonyms(b"0123456789abcdeF")


def test_the_hash_is_hmac_sha256_in_32_digits() -> None:
    secret, message = b"0123456789abcdef", "jörg@example.com"
    expected = hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()[:32]
    assert Pseudonyms(secret).hashed(" Jörg@Example.com\n") == expected


def test_the_hash_is_that_of_a_published_example() -> None:
    # RFC 4231, test case 2; its message is in lower case without spaces around it.
    found = Pseudonyms(b"Jefe").hashed("what do ya want for nothing?")
    assert found == "5bdcc146bf60754e6a042426089575c7"


@given(st.text(), st.sampled_from(["", " ", "\t\n"]))
def test_case_and_spaces_around_do_not_matter_and_the_key_does(value: str, space: str) -> None:
    found = ONE.hashed(value)
    # A lower-case text need not have an upper case that leads back to it, such as ß.
    assert ONE.hashed(space + value.lower() + space) == found
    if value.strip():
        assert found is not None and len(found) == 32
        assert OTHER.hashed(value) != found
    else:
        assert found is None


def test_without_a_key_there_is_no_hash() -> None:
    assert Pseudonyms(None).hashed("ann@example.com") is None
    assert Pseudonyms(None).mark == "none"
    assert len({ONE.mark, OTHER.mark, "none"}) == 3


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "sixteen letters!")
    assert Pseudonyms.from_env() == Pseudonyms(b"sixteen letters!")
    monkeypatch.setenv(VARIABLE, "fünfzehn Zeich.")
    with pytest.raises(ConfigurationError, match="15 characters") as error:
        Pseudonyms.from_env()
    assert "Zeich" not in str(error.value)
    for nothing in ("", None):
        if nothing is None:
            monkeypatch.delenv(VARIABLE)
        else:
            monkeypatch.setenv(VARIABLE, nothing)
        assert Pseudonyms.from_env() == Pseudonyms(None)


def test_the_key_is_not_shown() -> None:
    assert "0123" not in repr(ONE)


@pytest.mark.parametrize("name", ["firstName", "first_name", "FIRST-NAME", "First Name", "$Email"])
def test_names_are_compared_by_their_letters(name: str) -> None:
    assert IN_TRAITS.verdict(name) == ELSEWHERE.verdict(name) is not None


def test_each_place_has_its_rule() -> None:
    asked = ("email", "postal_code", "name", "ip", "city", "state", "country", "age", "gender")
    verdicts = {
        rule: [rule.verdict(name) for name in asked]
        for rule in (IN_TRAITS, ELSEWHERE, IN_CONTEXT, IN_PROPERTIES)
    }
    harmless = [None] * 5
    assert verdicts == {
        IN_TRAITS: ["hash", "drop", "drop", "drop", *harmless],
        ELSEWHERE: ["hash", "drop", None, "drop", *harmless],
        IN_CONTEXT: [None, None, None, "drop", *harmless],
        IN_PROPERTIES: ["hash", None, None, None, *harmless],
    }


def test_the_lists_of_names_are_plain_and_disjoint() -> None:
    assert all(name.isalnum() and name.islower() for name in HASHED | DROPPED | NAMES)
    assert len(HASHED) + len(DROPPED) + len(NAMES) == len(HASHED | DROPPED | NAMES)
