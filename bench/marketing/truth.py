"""Attribution beside the simulator's truth, which is two truths.

In the simulated shop a visit orders with a probability of its own, and nothing carries over from
one visit to the next. So **what an order hangs on** is the channel of the visit that placed it:
without a channel's visits, the orders expected of these visits would be lost. **What brought the
person** is another question: the channel of the person's first visit, without which none of the
others would have been. No model answers both, and each is measured by either.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Error:
    """How far one model is off.

    Attributes:
        model: the attribution model; ``channel of chance`` credits each by its share of visits.
        orders: half the sum of absolute differences between the shares of orders credited to
            channels and the shares of orders expected to be lost without them: 0 to 1.
        customers: the same between the shares of new customers credited and the shares of those
            whom the channel brought.
        likelihood: mean likelihood that the model gives to the channel that brought a customer.
    """

    model: str
    orders: float
    customers: float
    likelihood: float


SQL = """
with
visits as (
    select channel, order_probability * cast(has_checkout as integer) as orders
    from read_parquet('{truth}/sessions.parquet')
    where not is_bot
),
lost as (
    select channel, sum(orders) / sum(sum(orders)) over () as share from visits group by channel
),
credited as (
    select
        model, order_id, person_id, is_first_order, channel,
        cast(credit_share as double) as credit
    from fct_attribution
    union all
    select 'channel of chance', order_id, person_id, is_first_order, channel, share
    from fct_order_values
    cross join (
        select channel, count(*) / sum(count(*)) over () as share from visits group by channel
    )
),
brought as (
    select 'customer:' || customer_id as person_id, acquisition_channel as channel
    from read_parquet('{truth}/people.parquet')
    where customer_id is not null
),
customers as (
    select credited.*, brought.channel as true_channel
    from credited
    inner join brought using (person_id)
    where is_first_order
),
bringing as (
    select true_channel as channel, count(*) / sum(count(*)) over () as share
    from (select distinct person_id, true_channel from customers)
    group by true_channel
),
shares as (
    select 'orders' as question, model, channel, sum(credit) as credit from credited group by all
    union all
    select 'customers', model, channel, sum(credit) from customers group by all
),
normalised as (
    select *, credit / sum(credit) over (partition by question, model) as share from shares
),
truths as (
    select 'orders' as question, * from lost union all select 'customers', * from bringing
),
grid as (
    select question, model, channel
    from (select distinct question, model from normalised)
    inner join (
        select question, channel from truths union select question, channel from normalised
    ) using (question)
),
distances as (
    select
        question,
        model,
        sum(abs(coalesce(normalised.share, 0) - coalesce(truths.share, 0))) / 2 as distance
    from grid
    left join normalised using (question, model, channel)
    left join truths using (question, channel)
    group by question, model
),
hits as (
    select model, sum(case when channel = true_channel then credit else 0 end)
        / count(distinct person_id) as likelihood
    from customers
    group by model
)
select model,
    max(distance) filter (where question = 'orders') as orders,
    max(distance) filter (where question = 'customers') as customers,
    max(likelihood)
from distances
inner join hits using (model)
group by model
order by orders
"""


def attribution_errors(warehouse: Path, truth: Path) -> list[Error]:
    """Measure each model of ``fct_attribution``, the best at orders first.

    Args:
        warehouse: the built warehouse of a simulated shop.
        truth: that shop's folder of truth.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return [Error(*row) for row in connection.execute(SQL.format(truth=truth)).fetchall()]
