"""Each metric of the semantic layer beside the mart that it is made of, counted in plain SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from tests.warehouse.home import Home
from trasos.cli import app
from trasos.errors import InputError, NotReadyError
from trasos.metrics import Question, SemanticLayer
from trasos.publishing import publish, published_answers, published_tables

SESSIONS = "from fct_sessions"
ORDERS = "from fct_orders"
SHOWN = "from fct_impressions"
ANSWERS = "from fct_nps_answers where nps_score is not null"
# The orders of the shop are in one currency, which is that of the reports.
EXPECTED = {
    "sessions": f"select count(*) {SESSIONS}",
    "visitors": f"select count(distinct person_id) {SESSIONS}",
    "view_sessions": f"select count(*) {SESSIONS} where has_view",
    "cart_sessions": f"select count(*) {SESSIONS} where has_cart",
    "checkout_sessions": f"select count(*) {SESSIONS} where has_checkout",
    "converting_sessions": f"select count(*) {SESSIONS} where has_order",
    "conversion_rate": f"select avg(has_order::int) {SESSIONS}",
    "orders": f"select count(*) {ORDERS}",
    "buyers": f"select count(distinct person_id) {ORDERS}",
    "new_customers": "select count(*) from dim_customers",
    "cancelled_orders": f"select count(*) {ORDERS} where is_cancelled",
    "repeat_orders": f"select count(*) {ORDERS} where not is_first_order",
    "net_revenue": f"select sum(net_revenue) {ORDERS}",
    "gross_margin": f"select sum(gross_margin) {ORDERS}",
    "gross_margin_rate": f"select sum(gross_margin)::double / sum(net_revenue)::double {ORDERS}",
    "average_order_value": f"select avg(net_revenue) {ORDERS}",
    "revenue_per_session": (
        f"select (select sum(net_revenue) {ORDERS})::double / count(*) {SESSIONS}"
    ),
    "impressions": f"select count(*) {SHOWN}",
    "clicked_impressions": f"select count(*) {SHOWN} where is_clicked",
    "ordered_impressions": f"select count(*) {SHOWN} where is_ordered",
    "click_rate": f"select avg(is_clicked::int) {SHOWN}",
    "marketing_spend": "select sum(amount) from fct_spend",
    "ad_clicks": "select sum(clicks) from fct_spend",
    "blended_cac": (
        "select (select sum(amount) from fct_spend)::double / count(*)::double from dim_customers"
    ),
    "blended_roas": (
        f"select sum(net_revenue)::double / (select sum(amount) from fct_spend)::double {ORDERS}"
    ),
    "nps_answers": f"select count(*) {ANSWERS}",
    "promoters": f"select count(*) {ANSWERS} and nps_score >= 9",
    "detractors": f"select count(*) {ANSWERS} and nps_score <= 6",
    "nps": (
        "select 100 * avg(case when nps_score >= 9 then 1 when nps_score <= 6 then -1 else 0 end) "
        f"{ANSWERS}"
    ),
}


@pytest.fixture(scope="module")
def manifest(shop: Home) -> Path:
    return shop.path / "target/semantic_manifest.json"


@pytest.fixture(scope="module")
def layer(manifest: Path) -> SemanticLayer:
    return SemanticLayer(manifest)


@pytest.fixture(scope="module")
def published(shop: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    link = tmp_path_factory.mktemp("metrics") / "published/trasos.duckdb"
    built = shop.path / "target/manifest.json"
    report = publish(
        shop.warehouse, link, published_tables(built), answers=published_answers(built)
    )
    assert (report.is_new, report.left_out) == (True, ())
    return link


def test_every_metric_has_an_answer_of_its_own_here(layer: SemanticLayer) -> None:
    assert {metric.name for metric in layer.metrics} == set(EXPECTED)


@pytest.mark.parametrize("metric", EXPECTED)
def test_a_metric_is_what_its_mart_says(shop: Home, layer: SemanticLayer, metric: str) -> None:
    found = shop.one(layer.sql(Question((metric,))))
    expected = shop.one(EXPECTED[metric])
    # Few answer in so small a shop, and all of them like it.
    assert expected or metric == "detractors"
    assert float(found) == pytest.approx(float(expected), rel=1e-12)


def test_parts_add_up_to_the_whole(shop: Home, layer: SemanticLayer) -> None:
    by = layer.sql(Question(("net_revenue",), ("metric_time__day", "session__channel")))
    whole = shop.one(f"select sum(net_revenue) {ORDERS}")
    assert shop.one(f"select sum(net_revenue) from ({by})") == whole
    kinds = layer.sql(
        Question(
            ("orders",),
            ("person__acquisition_channel",),
            where=("{{ Dimension('person__acquisition_channel') }} = 'email'",),
        )
    )
    ((channel, orders),) = shop.query(kinds)
    assert (channel, orders) == (
        "email",
        shop.one("select sum(order_count) from dim_customers where acquisition_channel = 'email'"),
    )


def test_what_is_published_is_what_the_layer_says(shop: Home, published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as copy:
        told = copy.execute(
            "select sum(sessions), sum(net_revenue), min(day), max(day) from metrics_daily"
        ).fetchone()
        months = copy.execute("select sum(orders), sum(new_customers) from metrics_monthly")
        assert (
            months.fetchone()
            == shop.query(f"select count(*), count_if(is_first_order) {ORDERS}")[0]
        )
        channels = copy.execute("select sum(net_revenue) from metrics_monthly_by_channel")
        assert channels.fetchone() == (told[1],) if told else False
        kinds = copy.execute(
            "select distinct data_type from information_schema.columns "
            "where table_name like 'metrics_%'"
        ).fetchall()
    assert (
        told
        == shop.query(
            f"select (select count(*) {SESSIONS}), (select sum(net_revenue) {ORDERS}), "
            "min(date_day), max(date_day) from dim_dates"
        )[0]
    )
    assert {kind for (kind,) in kinds} == {"BIGINT", "DATE", "DECIMAL(18,2)", "DOUBLE", "VARCHAR"}


def test_answers_are_part_of_what_is_new(shop: Home, published: Path) -> None:
    built = shop.path / "target/manifest.json"
    tables, answers = published_tables(built), published_answers(built)
    assert not publish(shop.warehouse, published, tables, answers=answers).is_new
    fewer = publish(shop.warehouse, published, tables, answers=answers[:1])
    assert fewer.is_new
    assert "metrics_monthly" not in fewer.rows
    back = publish(shop.warehouse, published, [t for t in tables if t != "fct_sessions"])
    assert back.is_new
    part = publish(
        shop.warehouse, published, [t for t in tables if t != "fct_sessions"], answers=answers
    )
    assert part.left_out == tuple(answer.name for answer in answers)
    assert "whose tables are not published" in part.summary
    assert publish(shop.warehouse, published, tables, answers=answers).left_out == ()


def test_the_command_answers_from_the_published_copy(
    published: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRASOS_PUBLISHED", str(published))
    monkeypatch.setenv("DBT_TARGET_PATH", str(manifest.parent))

    def say(*words: str) -> str:
        result = CliRunner().invoke(app, ["metrics", *words])
        return result.stdout + result.stderr

    month = ("--by", "metric_time__month")
    rows = say("query", "orders", "net_revenue", *month, "--csv").splitlines()
    assert rows[0] == "metric_time__month,orders,net_revenue"
    assert rows[1:] == sorted(rows[1:]) != []
    assert "conversion_rate" in say("query", "conversion_rate")
    assert "FROM main.fct_order_values" in say("query", "orders", "--sql")
    assert "Converting sessions of all sessions." in " ".join(say("list").split())
    assert "session__channel" in say("list", "orders")
    assert "There is no metric ordrs; there are" in say("query", "ordrs")
    assert "cannot be asked" in say("query", "orders", "--by", "person__shoe_size")


def test_what_is_not_there_is_said(layer: SemanticLayer, tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="Run `dbt build` first"):
        SemanticLayer(tmp_path / "semantic_manifest.json")
    with pytest.raises(InputError, match="Name a metric"):
        layer.sql(Question(()))
    with pytest.raises(InputError, match="there are metrics_daily, metrics_monthly"):
        layer.saved_sql("metrics_hourly")
