"""What the models recover of what the simulator knows."""

from __future__ import annotations

import json

import pytest

from tests.warehouse.home import Home


def test_every_line_ends_where_the_simulator_says(shop: Home) -> None:
    dirt = json.loads((shop.settings.truth / "shop/dirt.json").read_text())
    found = shop.query(
        "select sum(line_count), sum(dead_letter_count), sum(accepted_count), "
        "sum(duplicated_count), sum(rejected_count) from rpt_event_conservation"
    )[0]
    assert found == tuple(
        dirt[key] for key in ("lines", "malformed", "accepted", "duplicates", "rejected")
    )


def test_each_reject_has_the_reason_that_the_simulator_gave_it(shop: Home) -> None:
    dirt = json.loads((shop.settings.truth / "shop/dirt.json").read_text())
    expected = {reason: n for reason, n in dirt["rejected_by_reason"].items() if n}
    found = shop.query("select reject_reason, count(*) from int_events_rejected group by 1")
    assert dict(found) == expected


def test_the_accepted_events_are_the_true_ones_at_their_true_time(shop: Home) -> None:
    truth = shop.truth("event_sessions")
    missing, wrong_time, extra = shop.query(
        f"""
        select
            count(*) filter (where ours.event_id is null),
            count(*) filter (where abs(epoch_ms(ours.event_at) - epoch_ms(truth.event_at)) > 1),
            count(*) filter (where truth.message_id is null)
        from {truth} as truth
        full join int_events_accepted as ours on truth.message_id = ours.event_id
        """
    )[0]
    assert (missing, wrong_time, extra) == (0, 0, 0)


def test_sessions_are_recovered(shop: Home, record_property: pytest.RecordProperty) -> None:
    """A session is recovered when ours holds its events and no other.

    What stays apart are the visits that the simulator made ambiguous on purpose: a person who
    comes back within the timeout, or pauses for longer than it.
    """
    recovered, total, plain_recovered, plain_total = shop.query(
        f"""
        with pairs as (
            select truth.true_session_id, ours.session_id, count(*) as n
            from {shop.truth("event_sessions")} as truth
            inner join int_events_sessionized as ours on truth.message_id = ours.event_id
            where not truth.is_bot
            group by all
        ),
        sized as (
            select *,
                sum(n) over (partition by true_session_id) as true_size,
                sum(n) over (partition by session_id) as our_size
            from pairs
        ),
        judged as (
            select true_session_id, max((n = true_size and n = our_size)::int) as is_recovered
            from sized group by true_session_id
        ),
        close as (
            select true_session_id,
                has_long_gap or is_close_return
                or coalesce(lead(is_close_return) over visits, false) as is_ambiguous
            from {shop.truth("sessions")}
            window visits as (partition by visitor_id order by started_at)
        )
        select sum(is_recovered), count(*),
            sum(is_recovered) filter (where not is_ambiguous),
            count(*) filter (where not is_ambiguous)
        from judged inner join close using (true_session_id)
        """
    )[0]
    record_property("sessions_recovered", f"{recovered}/{total}")
    print(f"sessions recovered: {recovered}/{total}, unambiguous {plain_recovered}/{plain_total}")
    assert plain_recovered / plain_total > 0.995
    assert recovered / total > 0.9


def test_persons_are_recovered(shop: Home) -> None:
    """Of the events given to a customer, how many are theirs; of theirs, how many are found."""
    right, given, theirs = shop.query(
        f"""
        with joined as (
            select people.customer_id as truth, sessions.customer_id as ours
            from {shop.truth("event_sessions")} as events
            inner join int_events_sessionized as mapped on events.message_id = mapped.event_id
            inner join fct_sessions as sessions on mapped.session_id = sessions.session_id
            left join {shop.truth("people")} as people on events.person_key = people.person_key
            where not events.is_bot
        ),
        known as (select distinct customer_id from int_identities)
        select
            count(*) filter (where ours = truth),
            count(*) filter (where ours is not null),
            count(*) filter (where truth in (select customer_id from known))
        from joined
        """
    )[0]
    print(f"person assignment: precision {right / given:.4f}, recall {right / theirs:.4f}")
    assert right / given > 0.95
    assert right / theirs > 0.8


def test_orders_are_recovered_to_the_last(shop: Home) -> None:
    unknown, missing, unplaced = shop.query(
        f"""
        select
            count(*) filter (where truth.order_id is null),
            count(*) filter (where ours.order_id is null),
            count(*) filter (where (truth.event_fate = 'accepted') <> (ours.session_id is not null))
        from {shop.truth("orders")} as truth
        full join fct_orders as ours on truth.order_id = ours.order_id
        """
    )[0]
    assert (unknown, missing, unplaced) == (0, 0, 0)


def test_bots_stay_out_of_the_marts(shop: Home) -> None:
    marked, bots, people_marked = shop.query(
        f"""
        select
            count(*) filter (where truth.is_bot and sessions.bot_rule is not null),
            count(*) filter (where truth.is_bot),
            count(*) filter (where not truth.is_bot and sessions.bot_rule is not null)
        from {shop.truth("event_sessions")} as truth
        inner join int_events_sessionized as ours on truth.message_id = ours.event_id
        inner join int_sessions as sessions on ours.session_id = sessions.session_id
        """
    )[0]
    print(f"bot events: {marked}/{bots} marked, {people_marked} events of people marked")
    assert bots > 0
    assert marked / bots > 0.95
    assert people_marked == 0
