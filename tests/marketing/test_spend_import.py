"""Exports of platforms, through the import and the models' own SQL, to published sums."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.marketing.data import ROOT, SPEND, wants_spend
from tests.marketing.rendered import build
from trasos.cli import app
from trasos.errors import ConfigurationError, InputError
from trasos.marketing import import_spend, layout_of

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEADER = "spend_date,channel,campaign,amount,currency,impressions,clicks,conversions\n"
SHOPS_OWN = (
    "create table stg_shop__spend(spend_date date, channel varchar, campaign varchar, "
    "amount decimal(18, 2), currency varchar, impressions bigint, clicks bigint, source varchar)"
)

NOBODY_CAME = """
create table fct_sessions(session_date date, channel varchar, utm_campaign varchar);
create table fct_attribution(
    order_month date, channel varchar, campaign varchar, model varchar, is_first_order boolean,
    credit_share decimal(10, 9), net_revenue decimal(18, 2), gross_margin decimal(18, 2)
);
"""


def warehouse(exports: Path, currency: str = "EUR") -> duckdb.DuckDBPyConnection:
    """What the spend models read, and these built: no spend but that of the exports."""
    connection = duckdb.connect()
    connection.execute(SHOPS_OWN)
    connection.execute(
        f"create table spend as select * from read_csv('{ROOT}/seeds/spend.csv', header = true, "
        "all_varchar = true)"
    )
    connection.execute(f"create table ads__ad_exports as from read_parquet('{exports}')")
    connection.execute(f"create table int_reporting_currency as select '{currency}' as currency")
    connection.execute(
        "create table exchange_rates(currency varchar, valid_from date, rate decimal(18, 8))"
    )
    models = ("int_spend_unioned", "int_spend_judged", "fct_spend", "rpt_spend_gaps")
    build(connection, *models, ad_exports_table=True)
    return connection


def written(folder: Path, text: str, name: str = "export.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@wants_spend
def test_facebooks_export_has_the_published_totals(tmp_path: Path) -> None:
    done = import_spend(
        SPEND / "KAG_conversion_data.csv", layout_of("facebook"), tmp_path, currency="USD"
    )
    assert (len(done.rows), done.unreadable) == (1_143, 0)
    with warehouse(done.target, "USD") as connection:
        assert connection.execute(
            "select verdict, count(*) from int_spend_judged group by 1"
        ).fetchall() == [("accepted", 1_143)]
        (totals,) = connection.execute(
            "select sum(amount), sum(impressions), sum(clicks), sum(platform_conversions) "
            "from fct_spend where channel = 'social'"
        ).fetchall()
        assert totals == (Decimal("58705.23"), 213_434_828, 38_165, 1_079)
        connection.execute(NOBODY_CAME)
        build(connection, "rpt_campaign_efficiency")
        costs = connection.execute(
            "select campaign, spend, platform_conversions, cost_per_platform_conversion, "
            "spend_status from rpt_campaign_efficiency order by campaign desc"
        ).fetchall()
    assert costs == [
        ("936", Decimal("2893.37"), 183, Decimal("15.81"), "no customers"),
        ("916", Decimal("149.71"), 24, Decimal("6.24"), "no customers"),
        ("1178", Decimal("55662.15"), 872, Decimal("63.83"), "no customers"),
    ]


@wants_spend
def test_a_wide_export_by_week_becomes_days_and_loses_no_cent(tmp_path: Path) -> None:
    done = import_spend(
        SPEND / "robyn_dt_simulated_weekly.csv", layout_of("weekly_wide"), tmp_path, currency="EUR"
    )
    assert len(done.rows) == 208 * 5
    with warehouse(done.target) as connection:
        found = dict(
            connection.execute("select channel, sum(amount) from fct_spend group by 1").fetchall()
        )
        days = connection.execute(
            "select count(distinct spend_date), min(spend_date)::varchar, max(spend_date)::varchar "
            "from fct_spend"
        ).fetchall()
    assert found == {
        "tv": Decimal("3087487.77"),
        "out_of_home": Decimal("8989331.73"),
        "print": Decimal("775555.51"),
        "social": Decimal("446296.83"),
        "search": Decimal("1230426.67"),
    }
    assert days == [(208 * 7, "2015-11-23", "2019-11-17")]


def test_each_row_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        HEADER
        + "2026-06-01,search,brand,10.00,EUR,100,10,1\n"
        + "1st of June,search,brand,10.00,EUR,,,\n"
        + ",search,brand,10.00,EUR,,,\n"
        + '2026-06-02,search,brand,"1.000,50",EUR,,,\n'
        + "2026-06-03,search,brand,,EUR,,,\n"
        + "2026-06-04,search,brand,-1.00,EUR,,,\n"
        + "2026-06-05,,brand,1.00,EUR,,,\n"
        + "2026-06-06,search,brand,1.00,,,,\n"
        + "2026-06-07,search,brand,1.00,CHF,,,\n"
        + "2026-06-08,search,brand,1.00,EUR,many,,\n"
        + "2026-06-09,search,brand,NaN,EUR,,,\n",
    )
    done = import_spend(file, layout_of("plain"), tmp_path)
    assert done.unreadable == 5
    with warehouse(done.target) as connection:
        found = connection.execute(
            "select verdict, reason, count(*) from int_spend_judged group by all order by 1, 2"
        ).fetchall()
        assert connection.execute("select sum(amount) from fct_spend").fetchall() == [
            (Decimal("10.00"),)
        ]
    assert found == [
        ("accepted", None, 1),
        *(
            ("rejected", reason, count)
            for reason, count in (
                ("negative_amount", 1),
                ("no_amount", 1),
                ("no_channel", 1),
                ("no_currency", 1),
                ("no_date", 1),
                ("no_exchange_rate", 1),
                ("unreadable_amount", 2),
                ("unreadable_impressions", 1),
                ("unreadable_spend_date", 1),
            )
        ),
    ]


def test_a_later_export_corrects_an_earlier_one_and_the_same_name_replaces_it(
    tmp_path: Path,
) -> None:
    layout, inbox = layout_of("plain"), tmp_path / "inbox"

    def export(name: str, amount: str, at: datetime) -> Any:
        file = written(tmp_path, f"{HEADER}2026-06-01,search,brand,{amount},EUR,,,\n", name)
        return import_spend(file, layout, inbox, at=at)

    export("may.csv", "10.00", NOON)
    later = export("june.csv", "11.00", NOON.replace(day=2))
    assert later.replaced == 0
    with warehouse(later.target) as connection:
        assert connection.execute(
            "select origin_name, verdict, reason from int_spend_judged order by 1"
        ).fetchall() == [
            ("june.csv", "accepted", None),
            ("may.csv", "duplicated", "doubled_campaign_day"),
        ]
        assert connection.execute("select amount from fct_spend").fetchall() == [
            (Decimal("11.00"),)
        ]
    again = export("june.csv", "12.00", NOON.replace(day=3))
    assert again.replaced == 1
    assert pq.read_metadata(again.target).num_rows == 2


def test_days_that_a_campaign_paused_are_told(tmp_path: Path) -> None:
    days = "".join(
        f"2026-06-{day:02},search,brand,{amount},EUR,,,\n"
        for day, amount in ((1, "1"), (2, "1"), (3, "0"), (6, "1"), (7, "1"))
    )
    done = import_spend(written(tmp_path, HEADER + days), layout_of("plain"), tmp_path)
    with warehouse(done.target) as connection:
        assert connection.execute(
            "select gap_start_date::varchar, gap_end_date::varchar, gap_days from rpt_spend_gaps"
        ).fetchall() == [("2026-06-03", "2026-06-05", 3)]


def test_a_layout_of_ones_own(tmp_path: Path) -> None:
    layout = written(
        tmp_path,
        "date: Tag\ndate_format: '%d.%m.%Y'\ndelimiter: ';'\nchannel: display\ncurrency: CHF\n"
        "columns: {campaign: Kampagne, amount: Kosten}\n",
        "own.yml",
    )
    file = written(tmp_path, "Tag;Kampagne;Kosten\n31.01.2026;Winter;1.005\n")
    (row,) = import_spend(file, layout_of(str(layout)), tmp_path).rows
    assert row["spend_date"] == row["last_date"] == "2026-01-31"
    assert (row["channel"], row["campaign"], row["amount"]) == ("display", "Winter", "1.01")


def test_what_is_wrong_with_an_export_is_said(tmp_path: Path) -> None:
    file = written(tmp_path, "Date,Spent\n2026-06-01,1\n")
    with pytest.raises(InputError, match=r"lacks the column\(s\) spend_date, channel"):
        import_spend(file, layout_of("plain"), tmp_path)
    with pytest.raises(InputError, match="give --currency"):
        import_spend(file, layout_of("facebook"), tmp_path)
    with pytest.raises(InputError, match="cannot be read as CSV"):
        import_spend(tmp_path / "none.csv", layout_of("plain"), tmp_path)
    for name, said in (("tiktok", "no spend layout"), (str(tmp_path / "no.yml"), "cannot be read")):
        with pytest.raises(ConfigurationError, match=said):
            layout_of(name)
    for text, said in (
        ("columns: {amount: a}\n", "no mapping"),
        ("date: d\n", "not both and not neither"),
        ("date: d\ncolumns: {amount: a, age: b}\n", "columns for age"),
        ("date: d\ndays: 0\ncolumns: {amount: a}\n", "1 to 366"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            layout_of(str(written(tmp_path, text, "own.yml")))


def test_the_command_imports_and_lands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRASOS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    file = written(
        tmp_path, HEADER + "2026-06-01,search,brand,10.00,EUR,100,10,4\nx,a,b,1,EUR,,,\n"
    )
    result = CliRunner().invoke(app, ["spend", "import", str(file)])
    assert result.exit_code == 0, result.output
    assert "2.50" in result.output
    assert "1 rows have a day or an amount that cannot be read" in result.output
    assert pq.read_metadata(tmp_path / "landing/ads/tables/ad_exports.parquet").num_rows == 2
    result = CliRunner().invoke(app, ["spend", "import", str(file), "--layout", "facebook"])
    assert result.exit_code == 1
    assert "give --currency" in result.output
