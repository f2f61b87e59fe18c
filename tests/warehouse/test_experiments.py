"""The simulated shop's experiment, read from its tables, beside what the simulator knows."""

from __future__ import annotations

import json

import pytest

from tests.warehouse.home import Home


def expected_effect(shop: Home) -> float:
    """The mean effect on conversion, in expectation, over the persons that are counted.

    For each person: visits that reached the till within the window, each ordering with the
    simulator's own probability, with and without the treatment's factor.
    """
    effects = json.loads((shop.settings.truth / "shop/effects.json").read_text())["experiment"]
    factor = effects["factor"]
    return float(
        shop.one(
            f"""
            with visits as (
                select
                    persons.person_id,
                    sessions.order_probability
                    / case when people.experiment_arm = 'treatment' then {factor} else 1 end as p
                from fct_experiment_persons as persons
                inner join {shop.truth("people")} as people
                    on persons.person_id = 'customer:' || people.customer_id
                inner join {shop.truth("sessions")} as sessions
                    on people.person_key = sessions.person_key
                where
                    persons.status = 'counted'
                    and sessions.has_checkout
                    and sessions.ended_at >= persons.first_exposed_at
                    and sessions.started_at < persons.window_ends_at
            ),
            expected as (
                select
                    person_id,
                    exp(sum(ln(1 - p))) - exp(sum(ln(1 - p * {factor}))) as effect
                from visits group by person_id
            )
            select
                sum(effect)
                / (select count(*) from fct_experiment_persons where status = 'counted')
            from expected
            """
        )
    )


def test_the_interval_holds_the_true_effect(shop: Home) -> None:
    true = expected_effect(shop)
    low, value, high, status = shop.query(
        "select diff_low, difference, diff_high, status from rpt_experiment_readouts "
        "where metric = 'converted'"
    )[0]
    print(f"true effect on conversion {true:+.4f}, measured {value:+.4f} [{low:+.4f}, {high:+.4f}]")
    assert 0 < true < 0.1
    assert low <= true <= high
    assert status in ("read", "running")


def test_people_are_in_the_arm_that_the_simulator_dealt_them(shop: Home) -> None:
    right, all_of_them, contaminated, exposed = shop.query(
        f"""
        select
            count(*) filter (
                where people.customer_id is not null and status <> 'contaminated'
                and persons.variation_id = people.experiment_arm
            ),
            count(*) filter (where people.customer_id is not null and status <> 'contaminated'),
            count(*) filter (where status = 'contaminated'),
            count(*)
        from fct_experiment_persons as persons
        left join {shop.truth("people")} as people
            on persons.person_id = 'customer:' || people.customer_id
        """
    )[0]
    print(f"right arm {right}/{all_of_them}; {contaminated} of {exposed} contaminated")
    assert all_of_them > 50
    assert right / all_of_them > 0.97
    # Shared devices make them; nobody else.
    assert contaminated / exposed < 0.1


def test_whoever_saw_the_experiment_is_there_once(shop: Home) -> None:
    """Exposures are the truth's visits with the event; persons are counted or have a reason."""
    missing, twice, reasons = shop.query(
        f"""
        select
            (
                select count(*) from {shop.truth("sessions")} as truth
                inner join {shop.truth("event_sessions")} as events using (true_session_id)
                inner join int_events_sessionized as ours on events.message_id = ours.event_id
                inner join fct_sessions as sessions on ours.session_id = sessions.session_id
                where ours.event_type = 'experiment_viewed' and not truth.is_bot
                    and not exists (
                        select 1 from fct_experiment_persons as persons
                        where persons.person_id = sessions.person_id
                    )
            ),
            (select count(*) - count(distinct person_id) from fct_experiment_persons),
            (select count(*) from fct_experiment_persons where status is null)
        """
    )[0]
    assert (missing, twice, reasons) == (0, 0, 0)


def test_outcomes_are_the_orders_of_the_window(shop: Home) -> None:
    """Summed up in another way, to the cent: every order of an exposed person, by its days."""
    ours, theirs = shop.query(
        """
        select sum(order_count), sum(net_revenue), sum(gross_margin) from fct_experiment_persons
        union all
        select count(*), sum(orders.net_revenue), sum(orders.gross_margin)
        from fct_orders as orders
        inner join fct_experiment_persons as persons on orders.person_id = persons.person_id
        where orders.ordered_at between persons.first_exposed_at
            and persons.first_exposed_at + interval 14 day - interval 1 microsecond
        """
    )
    assert ours == theirs
    assert ours[0] > 0


def test_the_checks_pass_and_nothing_is_lost_between_them(shop: Home) -> None:
    checks = dict(shop.query("select check_name, status from rpt_experiment_checks"))
    assert len(checks) == 5
    assert checks["sample_ratio"] == checks["contamination"] == "passed"
    n_read, n_counted, n_daily, n_planned = shop.query(
        """
        select
            (select max(n_control + n_treatment) from rpt_experiment_readouts),
            (select count(*) from fct_experiment_persons where status = 'counted'),
            max(days.n), min(days.n) filter (where days.n >= experiments.planned_persons)
        from (
            select n_control + n_treatment as n from rpt_experiment_daily
            where metric = 'converted'
        ) as days
        cross join dim_experiments as experiments
        """
    )[0]
    assert n_daily == n_counted
    assert n_read == (n_planned or n_counted)


def test_the_return_is_the_read_out_times_those_exposed(shop: Home) -> None:
    row, margin, exposed = shop.query(
        """
        select returned, read_outs.difference, (select count(*) from fct_experiment_persons)
        from rpt_recommender_return as returned
        cross join rpt_experiment_readouts as read_outs
        where read_outs.metric = 'gross_margin'
        """
    )[0]
    assert row["status"] == "example_costs"
    assert row["exposed_persons"] == exposed
    assert float(row["incremental_margin"]) == pytest.approx(margin * exposed, abs=0.01)
    weeks = [
        week
        for (week,) in shop.query(
            """
            select epoch(first_exposed_at - min(first_exposed_at) over ()) / 604800
            from fct_experiment_persons
            """
        )
    ]
    whole = int(row["measured_days"] // 7)
    if whole >= 4:
        entered = sum(week < whole for week in weeks)
        a_week = sum(whole - 3 <= week < whole for week in weeks) / 3
        persons = entered + (365 / 7 - whole) * a_week
    else:
        persons = exposed * 365 / row["measured_days"]
    assert row["yearly_persons"] == pytest.approx(persons)
    yearly = margin * persons
    assert float(row["yearly_margin"]) == pytest.approx(yearly, abs=0.01)
    assert float(row["yearly_return"]) == pytest.approx(yearly - 12 * 45, abs=0.01)
    assert row["yearly_return_low"] < row["yearly_return"] < row["yearly_return_high"]
    assert row["verdict"] in ("pays", "loses", "open")
