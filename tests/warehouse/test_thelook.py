"""Real input with known answers: thelook, whole."""

from __future__ import annotations

import os

import duckdb
import pytest

from tests.warehouse.home import ROOT, Home
from trasos.marketing import channel_tests

THELOOK = ROOT / os.environ.get("TRASOS_DATA", "../shared/data") / "thelook"
NOT_THERE = f"thelook is not in TRASOS_DATA ({THELOOK}): set it to the folder of the data sets"

pytestmark = pytest.mark.skipif(not THELOOK.exists(), reason=NOT_THERE)


@pytest.fixture(scope="module")
def thelook(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("thelook"), source="thelook")
    home.land(inbox=THELOOK)
    home.dbt(
        *("build", "--exclude-resource-types", "unit_test"),
        *("--select", "+fct_sessions", "+fct_orders", "+rpt_event_conservation"),
        *("--indirect-selection", "buildable"),
    )
    return home


def test_every_raw_event_is_accounted_for(thelook: Home) -> None:
    assert thelook.query(
        "select line_count, accepted_count, duplicated_count, rejected_count, dead_letter_count "
        "from rpt_event_conservation"
    ) == [(485_723, 485_723, 0, 0, 0)]


def test_orders_and_their_value(thelook: Home) -> None:
    assert thelook.query(
        "select count(*), sum(gross_merchandise_value)::varchar, sum(net_revenue)::varchar "
        "from fct_orders"
    ) == [(25_171, "2135389.38", "1601286.90")]
    assert dict(thelook.query("select status, count(*) from fct_orders group by 1")) == {
        "cancelled": 3_661,
        "completed": 6_442,
        "processing": 4_946,
        "returned": 2_434,
        "shipped": 7_688,
    }


def test_its_own_sessions_and_ours(thelook: Home) -> None:
    """Its ids span gaps of more than half an hour; our rule parts them there."""
    its_own, buying, ours, gaps = thelook.query(
        """
        with gaps as (
            select visitor_id, event_type, event_at - lag(event_at) over (
                partition by visitor_id order by event_at, event_id
            ) as gap
            from int_events_accepted
        )
        select
            count(distinct visitor_id),
            count(distinct visitor_id) filter (where event_type = 'item_purchased'),
            (select count(*) from fct_sessions),
            count(*) filter (where gap > interval 30 minutes)
        from gaps
        """
    )[0]
    assert (its_own, buying) == (136_419, 36_419)
    assert ours == its_own + gaps == 136_419 + 14_998


def test_no_channel_has_an_effect(thelook: Home) -> None:
    """Its generator draws a visit's channel apart from everything else."""
    with duckdb.connect(str(thelook.warehouse), read_only=True) as connection:
        sessions = connection.sql("select channel, person_id, has_order from fct_sessions")
        rows = channel_tests(sessions.to_arrow_table()).to_pylist()
    assert [row["method"] for row in rows] == ["chi_square", "wald_by_person"]
    for row in rows:
        assert (row["status"], row["n_sessions"], row["n_channels"]) == ("tested", 151_417, 4)
        assert row["p_value"] > 0.05
        assert row["cramers_v"] < 0.01


@pytest.mark.slow
def test_nothing_is_claimed_beyond_chance_within_a_department(thelook: Home) -> None:
    """Its buyers choose at random within a department; the report must say so by itself."""
    thelook.dbt(
        # Cautious: a test that also reads a table beyond these cannot run.
        *("build", "--exclude-resource-types", "unit_test", "--indirect-selection", "cautious"),
        *("--select", "+rec_evaluations", "+rec_recommendations", "+rec_similar_items"),
    )
    (said,) = (thelook.settings.artefacts / "evaluations").glob("*/verdict.txt")
    assert "No evidence that the model finds anything beyond chance" in said.read_text()
