"""Personal data never lands in the clear."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow.parquet as pq
import pytest

from trasos.landing import land, personal
from trasos.landing.personal import Scrubber, without_addresses
from trasos.landing.pseudonyms import VARIABLE, Pseudonyms
from trasos.landing.report import KEY_MISSING
from trasos.settings import Settings

from .conftest import event, json_lines, landed
from .test_report import text as shown

Drop = Callable[[str, bytes], Path]

EMAIL = "Ann.Miller@example.com"
#: What must not be found, in lower case; nothing else in these tests contains it.
SECRETS = (
    "ann.miller", "annabel", "millerova", "203.0.113.7", "+49 30 901820", "49309018", "ann_m77",
    "elm street", "90210", "1977-07-07", "52.5170", "face.png",
)  # fmt: skip
TRAITS = {
    "email": EMAIL,
    "Phone": "+49 30 901820",
    "user-name": "ann_m77",
    "firstName": "Annabel",
    "last_name": "Millerova",
    "name": "Annabel Millerova",
    "address": {"street": "Elm Street 5", "city": "Berlin", "postalCode": "90210"},
    "birthday": "1977-07-07",
    "avatar": "https://cdn.example/face.png",
    "latitude": 52.5170365,
    "plan": {"tier": "gold", "contact": [{"EMAIL": EMAIL, "name": "Annabel"}]},
    "city": "Berlin",
    "age": 47,
}


def everything(settings: Settings) -> str:
    """Every value of every landed Parquet file, and every other landed file, in lower case."""
    files = [path for path in settings.landing.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    values = [
        str(pq.read_table(path).to_pydict()) if path.suffix == ".parquet" else path.read_text()
        for path in files
    ]
    # The bytes as well: a dictionary page or a statistic may hold what no row holds.
    raw = [path.read_bytes().decode("latin-1") for path in files]
    return "\n".join(values + raw).lower()


def secrets_in(settings: Settings) -> list[str]:
    found = everything(settings)
    return [secret for secret in SECRETS if secret in found]


def personal_event(number: int = 1) -> dict[str, Any]:
    return event(
        number,
        type="identify",
        userId="c1",
        traits=TRAITS,
        context={"ip": "203.0.113.7", "traits": TRAITS, "campaign": {"name": "Annual sale"}},
        properties={"email": f" {EMAIL.upper()} ", "phone": 49309018, "name": "Elm dress"},
        name="Home page",
        email=EMAIL,
        ip_address="203.0.113.7",
        user={"firstName": "Annabel", "id": 7},
    )


def dump(settings: Settings, name: str, query: str) -> None:
    path = settings.inbox / "shop" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"copy ({query}) to '{path}'")


def row_of(settings: Settings, entity: str) -> dict[str, Any]:
    path = settings.landing / "shop" / "tables" / f"{entity}.parquet"
    (row,) = pq.read_table(path).to_pylist()
    return dict(row)


@pytest.mark.parametrize("with_key", [True, False])
def test_no_event_lands_with_personal_data(
    settings: Settings, drop: Drop, key: str, with_key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_key:
        monkeypatch.delenv(VARIABLE)
    drop("events/a.jsonl", json_lines(personal_event()))
    report = land("shop", settings)
    assert secrets_in(settings) == []
    (row,) = landed(settings)
    pseudonyms = Pseudonyms(key.encode() if with_key else None)
    email, phone = (pseudonyms.hashed(value) for value in (EMAIL, "+49 30 901820"))
    traits = {
        "email": email,
        "Phone": phone,
        "user-name": pseudonyms.hashed("ann_m77"),
        "plan": {"tier": "gold", "contact": [{"EMAIL": email}]},
        "city": "Berlin",
        "age": 47,
    }
    assert (email is None) == (not with_key)
    assert orjson.loads(row["traits"]) == traits
    assert orjson.loads(row["context"]) == {"traits": traits, "campaign": {"name": "Annual sale"}}
    assert orjson.loads(row["properties"]) == {
        "email": email,
        "phone": pseudonyms.hashed("49309018"),
        "name": "Elm dress",
    }
    assert orjson.loads(row["extra"]) == {"name": "Home page", "email": email, "user": {"id": 7}}
    assert report.key_missing == (not with_key)
    assert (KEY_MISSING in shown(report)) == (not with_key)


def test_the_want_of_a_key_is_told_only_where_it_was_missed(
    settings: Settings, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    drop("events/a.jsonl", json_lines(event(1), event(2, traits={"email": None, "name": "Ann"})))
    drop("tables/orders.csv", b"order_id,ip_address\no1,203.0.113.7\n")
    report = land("shop", settings)
    assert not report.key_missing
    assert KEY_MISSING not in shown(report)
    drop("tables/customers.csv", b"customer_id,email\nc1,ann.miller@example.com\n")
    assert land("shop", settings).key_missing


def test_the_content_hash_cannot_be_guessed_back(settings: Settings, drop: Drop) -> None:
    nulls = {"context": {"ip": None}, "traits": {"email": None, "name": None}}
    harmless = json_lines(event(1, **nulls)).strip()
    lines = [json_lines(personal_event()).strip(), json_lines(event(2)).strip()]
    drop("events/a.jsonl", b"\n".join([harmless, *lines, lines[1]]))
    land("shop", settings)
    found = [row["_content_hash"] for row in landed(settings)]
    assert found[0] == hashlib.md5(harmless).hexdigest()
    for line, kept in zip(lines, found[1:], strict=False):
        assert kept != hashlib.md5(line).hexdigest()
    assert len(set(found)) == 3 and found[2] == found[3]
    moved = json_lines(event(2, context={"page": {"path": "/p/p1"}, "ip": "203.0.113.9"}))
    drop("events/b.jsonl", moved + json_lines(event(2, userId="c1")))
    land("shop", settings)
    found = [row["_content_hash"] for row in landed(settings)]
    assert found[4] == found[3]  # nothing of the address is in the hash
    assert found[5] != found[3]  # and all of the rest is


@pytest.mark.parametrize("traits", ["ann.miller@example.com", '{"name": "Annabel"}'])
def test_traits_that_are_mere_text_are_dropped(settings: Settings, drop: Drop, traits: str) -> None:
    drop("events/a.jsonl", json_lines(event(1, traits=traits, context={"traits": traits})))
    land("shop", settings)
    assert secrets_in(settings) == []
    (row,) = landed(settings)
    assert row["traits"] is None
    assert orjson.loads(row["context"]) == {"traits": None}


@pytest.mark.parametrize("email", [True, ["ann.miller@example.com"], {"to": "ann.miller"}, " "])
def test_what_is_neither_text_nor_number_has_no_hash(email: Any) -> None:
    objects = [None, None, {"email": email}]
    Scrubber(Pseudonyms(b"0123456789abcdef")).event(objects, {})
    assert objects[2] == {"email": None}


def test_a_tracker_of_endless_names_costs_no_endless_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(personal, "NAMES_KNOWN", 50)
    scrubber = Scrubber(Pseudonyms(b"0123456789abcdef"))
    for number in range(200):
        properties = {f"key {number}": 1, "k" * 1000: 2, "E_Mail": "ann.miller@example.com"}
        assert scrubber.event([properties, None, None], {})
        assert properties["E_Mail"] == scrubber.pseudonyms.hashed("ann.miller@example.com")
    assert len(scrubber._properties.harmless) == 50
    assert "k" * 1000 not in scrubber._properties.harmless


def test_traits_of_any_depth_are_cleaned_or_refused(settings: Settings, drop: Drop) -> None:
    def nested(depth: int) -> bytes:
        start, end = b'{"a":[' * depth, b"]}" * depth
        return b'{"traits":' + start + b'{"email":"ann.miller@example.com"}' + end + b"}\n"

    drop("events/a.jsonl", nested(50) + nested(400))
    report = land("shop", settings)
    assert (report.events, report.dead_letters.total()) == (1, 1)
    assert secrets_in(settings) == []


def test_dead_letters_keep_no_address(settings: Settings, drop: Drop) -> None:
    broken = b'{"email":"ann.miller@example.com","price":NaN}\n'
    cut = b'{"url":"/?to=ann.miller%40example.com&x=1","b":"ann.miller\\u0040example.com"\n'
    long = b"x" * 4090 + b" ann.miller@example.com\n"
    wide = "{ann.miller@example.com".encode("utf-16-le") + b"\n"
    drop("events/a.jsonl", broken + cut + long + wide + b"\xff ann.miller@example.com\n")
    report = land("shop", settings)
    assert report.dead_letters.total() == 5
    assert "ann" not in everything(settings).replace("\0", "")
    letters = [letter["raw"] for letter in landed(settings, what="dead_letters")]
    assert letters[0] == '{"email":"<e-mail>","price":NaN}'
    assert letters[1] == '{"url":"/?to=<e-mail>&x=1","b":"<e-mail>"'
    assert letters[2] == "x" * 4090 + " <e-ma"
    assert letters[4] == "\ufffd <e-mail>"


def test_text_without_an_address_stays() -> None:
    text = '{"handle": "@ann", "price": "5 @ 3", "at": 17:03, "a=b": "c d"'
    assert without_addresses(text) == text


TABLE = """
    select
        'c1' as customer_id, '{email}' as email, 49309018::bigint as phone,
        'Annabel' as "First Name", 'Millerova' as last_name, 'Elm Street 5' as street_address,
        '90210' as postal_code, 52.5170365::double as latitude, 13.4::double as "Longitude",
        inet as ip_address, date '1977-07-07' as birthday, 'Berlin' as city, 'DE' as country,
        47 as age, 'f' as gender,
        {{'email': '{email}', 'tier': 'gold'}} as contact,
        {{'street': 'Elm Street 5'}} as address
    from (select '203.0.113.7' as inet)
"""


def test_tables_land_without_personal_columns(settings: Settings, key: str) -> None:
    dump(settings, "customers.parquet", TABLE.format(email=EMAIL))
    assert land("shop", settings).tables == [("customers", 1)]
    assert secrets_in(settings) == []
    pseudonyms = Pseudonyms(key.encode())
    assert row_of(settings, "customers") == {
        "customer_id": "c1",
        "email": pseudonyms.hashed(EMAIL),
        "phone": pseudonyms.hashed("49309018"),
        "First Name": None,
        "last_name": None,
        "street_address": None,
        "postal_code": None,
        "latitude": None,
        "Longitude": None,
        "ip_address": None,
        "birthday": None,
        "city": "Berlin",
        "country": "DE",
        "age": 47,
        "gender": "f",
        "contact": {"email": pseudonyms.hashed(EMAIL), "tier": "gold"},
        "address": None,
    }
    path = settings.landing / "shop" / "tables" / "customers.parquet"
    kinds = dict(
        duckdb.execute(f"select column_name, column_type from (describe '{path}')").fetchall()
    )
    assert kinds["latitude"] == "DOUBLE"
    assert kinds["birthday"] == "DATE"
    assert kinds["phone"] == "VARCHAR"
    assert kinds["address"] == "STRUCT(street VARCHAR)"


def test_a_table_keeps_its_columns_without_a_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump(settings, "customers.parquet", TABLE.format(email=EMAIL))
    land("shop", settings)
    path = settings.landing / "shop" / "tables" / "customers.parquet"
    columns = f"select column_name, column_type from (describe '{path}')"
    with_key = duckdb.execute(columns).fetchall()
    monkeypatch.delenv(VARIABLE)
    report = land("shop", settings)
    assert report.tables == [("customers", 1)]
    assert report.key_missing
    assert secrets_in(settings) == []
    assert duckdb.execute(columns).fetchall() == with_key
    row = row_of(settings, "customers")
    assert (row["email"], row["phone"], row["contact"]["email"]) == (None, None, None)


def test_fields_left_empty_do_not_make_one_person(settings: Settings) -> None:
    email = "case when i % 2 = 0 then 'a' || i else ' ' end as email"
    dump(settings, "customers.parquet", f"select i as id, {email} from range(9000) t(i)")
    land("shop", settings)
    path = settings.landing / "shop" / "tables" / "customers.parquet"
    found = pq.read_table(path).to_pydict()
    assert found["id"] == list(range(9000))
    assert [email is None for email in found["email"]] == [False, True] * 4500
    assert len(set(found["email"])) == 4501


def test_csv_lands_without_personal_columns(settings: Settings, drop: Drop, key: str) -> None:
    drop("people.csv", b'id,E-Mail,"na""me",zip\n1, ANN.miller@example.com,Shop,90210\n')
    assert land("shop", settings).tables == [("people", 1)]
    assert row_of(settings, "people") == {
        "id": "1",
        "E-Mail": Pseudonyms(key.encode()).hashed(EMAIL),
        'na"me': "Shop",
        "zip": None,
    }


def test_an_event_and_a_table_meet_in_one_hash(settings: Settings, drop: Drop) -> None:
    drop("events/a.jsonl", json_lines(personal_event()))
    drop("customers.csv", b"customer_id,email\nc1,ann.miller@EXAMPLE.com\n")
    land("shop", settings)
    (row,) = landed(settings)
    email = orjson.loads(row["traits"])["email"]
    assert email is not None
    assert email == row_of(settings, "customers")["email"]


def test_products_and_campaigns_keep_their_names(settings: Settings, drop: Drop) -> None:
    drop("products.csv", b"id,name,product_name,brand\np1,Elm dress,Elm,Oak\n")
    drop("campaigns.csv", b"name,display_name\nspring,Spring\n")
    land("shop", settings)
    assert row_of(settings, "products") == {
        "id": "p1", "name": "Elm dress", "product_name": "Elm", "brand": "Oak",
    }  # fmt: skip
    assert row_of(settings, "campaigns") == {"name": "spring", "display_name": "Spring"}


def test_a_new_key_lands_tables_with_personal_columns_anew_and_no_others(
    settings: Settings, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("customers.csv", b"email\nann.miller@example.com\n")
    drop("products.csv", b"name\nElm dress\n")
    land("shop", settings)
    before = row_of(settings, "customers")
    monkeypatch.setenv(VARIABLE, "another key that only tests know")
    report = land("shop", settings)
    assert report.tables == [("customers", 1)]
    assert report.already == ["products.csv"]
    assert row_of(settings, "customers") != before
    assert land("shop", settings).already == ["customers.csv", "products.csv"]
    # A note of a time before pseudonyms: the table may hold anything.
    note = settings.landing / "shop" / "tables" / "customers.json"
    old = orjson.loads(note.read_bytes())
    del old["pseudonyms"]
    note.write_bytes(orjson.dumps(old))
    assert land("shop", settings).tables == [("customers", 1)]


@pytest.mark.parametrize("as_text", [True, False])
def test_event_parquet_lands_without_personal_data(
    settings: Settings, key: str, as_text: bool
) -> None:
    objects = {
        "context": "{'ip': '203.0.113.7', 'page': {'path': '/'}, 'traits': {'email': 'EM'}}",
        "properties": "{'email': 'EM', 'name': 'Elm dress'}",
        "traits": "{'name': 'Annabel', 'city': 'Berlin', 'plan': {'email': 'EM'}, "
        "'friends': [{'name': 'Annabel'}]}",
    }
    wrap = "to_json({})::varchar" if as_text else "{}"
    columns = [
        f"{wrap.format(value.replace('EM', EMAIL))} as {name}" for name, value in objects.items()
    ]
    query = f"select 1 as id, '203.0.113.7' as ip_address, {', '.join(columns)}"
    (settings.inbox / "shop" / "events").mkdir(parents=True)
    dump(settings, "events/a.parquet", f"{query} union all select 2, null, null, null, null")
    assert land("shop", settings).refused == []
    assert secrets_in(settings) == []
    first, second = landed(settings)
    email = Pseudonyms(key.encode()).hashed(EMAIL)
    context, properties, traits = (orjson.loads(first[name]) for name in objects)
    dropped = {} if as_text else {"ip": None}
    assert context == {**dropped, "page": {"path": "/"}, "traits": {"email": email}}
    assert properties == {"email": email, "name": "Elm dress"}
    # JSON can be looked into; of a column's lists only the name is known.
    dropped = {"friends": [{}]} if as_text else {"name": None, "friends": None}
    assert traits == {**dropped, "city": "Berlin", "plan": {"email": email}}
    assert first["ip_address"] is None
    assert [second[name] for name in ("id", "ip_address", *objects)] == [2, *[None] * 4]
    kept = {name: first[name] for name in ("id", "ip_address", *objects)}
    if as_text:
        line = orjson.dumps(kept)
        assert first["_content_hash"] == hashlib.md5(line).hexdigest()


def test_event_columns_that_are_no_json_keep_no_address(settings: Settings) -> None:
    query = "select 'web ann.miller@example.com' as context, 'Annabel' as traits, [1] as properties"
    dump(settings, "events/a.parquet", query)
    land("shop", settings)
    assert secrets_in(settings) == []
    (row,) = landed(settings)
    assert (row["context"], row["traits"], row["properties"]) == ("web <e-mail>", None, "[1]")
