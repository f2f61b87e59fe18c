"""Attribution and spend on the simulated shop, beside what the simulator knows."""

from __future__ import annotations

import json

from bench.marketing.truth import attribution_errors
from tests.warehouse.home import Home


def test_attribution_beside_the_truth(shop: Home) -> None:
    """Two truths: the visit that an order hangs on, and the visit that brought the person."""
    found = {
        error.model: error
        for error in attribution_errors(shop.warehouse, shop.settings.truth / "shop")
    }
    for error in found.values():
        print(error)
    assert len(found) == 9
    chance = found["channel of chance"]
    assert found["first"].customers < 0.2
    assert found["first"].likelihood > 0.6
    assert found["first"].customers < found["last"].customers
    assert found["last"].orders < found["first"].orders
    # Each model says more of who brought a customer than the mix of visits does.
    assert all(
        error.likelihood > chance.likelihood for error in found.values() if error is not chance
    )


def test_the_last_touch_is_the_visit_that_placed_the_order(shop: Home) -> None:
    """Nothing carries over between the simulator's visits: this is what an order hangs on."""
    credited, orders = shop.query(
        f"""
        select
            sum(ours.credit_share) filter (where ours.channel = visits.channel),
            sum(ours.credit_share)
        from fct_attribution as ours
        inner join {shop.truth("orders")} as truth using (order_id)
        inner join {shop.truth("sessions")} as visits using (true_session_id)
        where ours.model = 'last'
        """
    )[0]
    print(f"credited to the channel of the true visit: {credited} of {orders}")
    assert orders == shop.one("select count(*) from fct_orders")
    assert credited / orders > 0.85


def test_removal_effects_rank_channels_as_the_truth_does(shop: Home) -> None:
    """By the orders that would be lost without the channel's visits."""
    pairs = shop.query(
        f"""
        select removal_effect_share, lost
        from rpt_channel_effects
        inner join (
            select channel, sum(order_probability * cast(has_checkout as integer)) as lost
            from {shop.truth("sessions")} where not is_bot group by channel
        ) using (channel)
        """
    )
    (rank_correlation,) = shop.query(
        "select corr(a, b) from (select rank() over (order by x) as a, rank() over (order by y) "
        "as b from (select unnest(?) as x, unnest(?) as y))",
        [[effect for effect, _ in pairs], [lost for _, lost in pairs]],
    )[0]
    print(f"rank correlation of removal effects with orders lost: {rank_correlation:.3f}")
    assert len(pairs) == 7
    assert rank_correlation > 0.8


def test_the_channel_of_each_visit_is_the_true_one(shop: Home) -> None:
    """As far as attribution can be right at all: sessions that hold one true session."""
    right, total = shop.query(
        f"""
        with pairs as (
            select ours.session_id, min(truth.true_session_id) as true_session_id
            from {shop.truth("event_sessions")} as truth
            inner join int_events_sessionized as ours on truth.message_id = ours.event_id
            where not truth.is_bot
            group by ours.session_id
            having count(distinct truth.true_session_id) = 1
        )
        select count(*) filter (where ours.channel = truth.channel), count(*)
        from pairs
        inner join fct_sessions as ours on pairs.session_id = ours.session_id
        inner join {shop.truth("sessions")} as truth using (true_session_id)
        """
    )[0]
    print(f"channel of visits: {right}/{total} right")
    assert right / total > 0.95


def test_channels_differ_as_the_simulator_makes_them(shop: Home) -> None:
    """Its factors run from 0.55 to 1.4; so small a shop need not show it, and then says why."""
    effects = json.loads((shop.settings.truth / "shop/effects.json").read_text())
    assert len(effects["order_probability"]["channel"]) == 7
    rows = shop.query("select method, status, channel_count, p_value from rpt_channel_tests")
    assert {row[0] for row in rows} == {"chi_square", "wald_by_person"}
    for _, status, channels, p_value in rows:
        assert 1 <= channels <= 7
        if channels == 1:
            assert (status, p_value) == ("too few orders", None)
        else:
            assert status == ("channels differ" if p_value < 0.01 else "no difference found")


def test_the_shops_spend_comes_through_to_the_cent(shop: Home) -> None:
    landed = shop.settings.landing / "shop/tables/spend.parquet"
    spent, clicks, impressions = shop.query(
        f"select sum(amount), sum(clicks), sum(impressions) from read_parquet('{landed}')"
    )[0]
    assert shop.query("select sum(amount), sum(clicks), sum(impressions) from fct_spend") == [
        (spent, clicks, impressions)
    ]
    assert shop.one("select sum(amount) from fct_spend_allocated") == spent
    # Some campaign brought nobody in some month, in so small a shop: what it cost is kept apart.
    assert shop.one("select sum(amount) from fct_spend_allocated where person_id is null") > 0
    assert shop.one("select sum(spend) from rpt_channel_efficiency") == spent
    assert shop.one("select count(*) from rpt_channel_efficiency where channel = 'direct'") > 0
