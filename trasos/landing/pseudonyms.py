"""Which fields are personal, and the keyed hashes that stand for some of them.

Names are compared by their letters and digits alone: ``first_name``, ``firstName`` and
``First-Name`` are one. A field of another name is taken to be harmless; where a shop calls its
fields otherwise, this is the place to add the name.
"""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import dataclass, field
from typing import Literal

from trasos.errors import ConfigurationError

VARIABLE = "TRASOS_PSEUDONYM_KEY"
#: Characters of a key, at least; a shorter one could be found by trying.
SHORTEST_KEY = 16
#: Hexadecimal digits kept of a hash: 128 bits, so that two persons never share one by chance.
DIGITS = 32

#: Fields by which a person may still be joined across tables and events: they become hashes.
HASHED = frozenset(
    {
        # E-mail addresses
        "email", "emailaddress", "useremail", "customeremail", "contactemail", "billingemail",
        "shippingemail",
        # Telephone numbers
        "phone", "phonenumber", "telephone", "telephonenumber", "cellphone", "mobilephone",
        "mobilenumber", "userphone", "customerphone", "contactphone", "billingphone",
        "shippingphone",
        # Names of accounts
        "username", "login",
    }
)  # fmt: skip
#: Fields that say who or where a person is and that no question here needs: they are dropped.
#: City, state, country, age and gender are not among them.
DROPPED = frozenset(
    {
        # Names
        "firstname", "middlename", "lastname", "surname", "givenname", "familyname",
        "maidenname", "fullname", "customername", "recipientname", "contactname",
        # Places
        "address", "addresses", "address1", "address2", "addressline1", "addressline2",
        "homeaddress", "billingaddress", "shippingaddress", "deliveryaddress", "streetaddress",
        "street", "streetname", "housenumber", "postalcode", "postcode", "zip", "zipcode",
        "billingfulladdress", "shippingfulladdress", "billingpostcode", "shippingpostcode",
        "latitude", "longitude", "lat", "lng", "lon", "geolatitude", "geolongitude", "geozipcode",
        # Days of birth
        "birthday", "birthdate", "dateofbirth", "dob",
        # Addresses in the network
        "ip", "ipaddress", "ipaddr", "clientip", "userip", "remoteip", "remoteaddress",
        "useripaddress", "contextip",
        # Pictures
        "avatar", "avatarurl",
        # Accounts and documents
        "iban", "creditcard", "creditcardnumber", "cardnumber", "ssn", "socialsecuritynumber",
        "passportnumber",
    }
)  # fmt: skip
#: Names of a person inside ``traits``, of products, pages and campaigns everywhere else.
NAMES = frozenset({"name", "displayname", "nickname"})

Verdict = Literal["hash", "drop"]


@dataclass(frozen=True)
class Rule:
    """What happens to the fields of one kind of object, by their normalised names.

    Attributes:
        hashed: names whose values become hashes.
        dropped: names whose values are dropped.
        deep: whether objects within such an object follow the same rule.
    """

    hashed: frozenset[str]
    dropped: frozenset[str]
    deep: bool = True

    def verdict(self, name: str) -> Verdict | None:
        """Say what is to happen to a field called ``name``; None where it is harmless."""
        plain = re.sub(r"[\W_]+", "", name.lower())
        if plain in self.hashed:
            return "hash"
        return "drop" if plain in self.dropped else None


#: What is known of a person: ``traits``, at every depth.
IN_TRAITS = Rule(HASHED, DROPPED | NAMES)
#: Columns of tables and event files, and what lies beside the envelope's own keys.
ELSEWHERE = Rule(HASHED, DROPPED)
#: Circumstances of an event. The rest of ``context`` is about devices and campaigns.
IN_CONTEXT = Rule(frozenset(), frozenset({"ip", "ipaddress"}), deep=False)
#: Properties of an event. The rest of them is about things.
IN_PROPERTIES = Rule(
    frozenset({"email", "emailaddress", "phone", "phonenumber"}), frozenset(), deep=False
)


@dataclass(frozen=True)
class Pseudonyms:
    """Keyed hashes in place of values by which a person could be found.

    Attributes:
        key: the secret; None where there is none, and then nothing can be hashed.
    """

    key: bytes | None = field(repr=False)

    @classmethod
    def from_env(cls) -> Pseudonyms:
        """Take the key from ``TRASOS_PSEUDONYM_KEY``; unset or empty means that there is none.

        Keep one key for the life of a landing folder. The hashes of one key say nothing about
        those of another: events that landed under an older key no longer join what lands under a
        new one. Tables with personal columns are landed anew when the key changes, since they
        come whole; events are not, unless their batches are removed from the landing folder and
        their files still lie in the inbox.

        Raises:
            ConfigurationError: the key is shorter than 16 characters.
        """
        text = os.environ.get(VARIABLE) or None
        if text is None:
            return cls(None)
        if len(text) < SHORTEST_KEY:
            raise ConfigurationError(
                f"{VARIABLE} has {len(text)} characters, too few to keep hashes of e-mail "
                f"addresses from being guessed. Give it at least {SHORTEST_KEY}, for example what "
                "`openssl rand -hex 32` prints, and keep it: another key gives other hashes."
            )
        return cls(os.fsencode(text))

    def hashed(self, value: str) -> str | None:
        """Hash a value: HMAC-SHA256 (RFC 2104) of it stripped and in lower case, as UTF-8.

        Returns:
            The first 32 hexadecimal digits; None without a key, or where nothing but white space
            was given: a hash of that would make one person of all who left a field empty.
        """
        plain = value.strip().lower()
        if self.key is None or not plain:
            return None
        message = plain.encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, message, "sha256").hex()[:DIGITS]

    @property
    def mark(self) -> str:
        """Tells one key from another without giving it away: ``none`` or eight digits."""
        return (self.hashed("mark of this key") or "none")[:8]
