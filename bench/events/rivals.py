"""The same job in SQL in two ways: copies out, sessions, sums of a day.

Each way reads the landed Parquet and writes two tables as Parquet: ``sessions`` (visitor_id,
started_at, ended_at, event_count) and ``days`` (day, session_count, event_count, visitor_count).
An event counts if it has an id, a visitor, a readable time at most a day ahead of its receipt and
a known type: the rules of the warehouse that need no JSON. ``in_polars.py`` is the third way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.events.homes import ROOT
from bench.events.project import Statement

EVENT_TYPES = ROOT / "seeds/event_types.csv"

SESSIONS = "select visitor_id, started_at, ended_at, event_count from {relation}"
DAYS = """
select
    cast(started_at as date) as day,
    count(*) as session_count,
    cast(sum(event_count) as bigint) as event_count,
    count(distinct visitor_id) as visitor_count
from {relation}
group by 1
"""

#: What the job asks of the models that are worth keeping, since more than one reads them.
KEPT = {
    "int_events_validated": (
        *("event_key", "event_id", "event_at", "received_at", "loaded_at", "visitor_id", "source"),
        *("batch_id", "line_number", "content_hash", "reject_reason"),
    ),
    "int_event_copies": ("event_key", "source", "batch_id", "line_number"),
    "int_visitor_slots": (
        *("visitor_id", "slot", "source", "first_event_at", "last_event_at", "first_event_id"),
        "event_count",
    ),
    "int_session_slots": ("visitor_id", "slot", "session_first_slot", "session_id"),
    "int_sessions": ("visitor_id", "started_at", "ended_at", "event_count"),
}
VIEWS = ("stg_shop__events", "int_events_unioned", "int_events_judged")


def by_our_models(
    models: Sequence[Statement], types: Mapping[str, Mapping[str, str]], folder: Path
) -> list[tuple[str, str]]:
    """The models' own SQL, each cut down to what the job asks of it: (name, statement).

    Staging gets rows without their JSON, and the seed of event types asks for no order or product:
    what is left of the rules is the job's. Nothing else of the SQL is touched.

    Args:
        models: what dbt compiled for a full build.
        types: column to type of each model in ``KEPT``.
        folder: where the two tables go.
    """
    sql = {model.model: model.sql for model in models}
    sql["stg_shop__events"] = _without_json(sql["stg_shop__events"])
    done = [
        ("start", "attach ':memory:' as trasos"),
        ("start", "use trasos"),
        (
            "start",
            "create table event_types as select * replace (false as requires_order, "
            f"false as requires_product) from read_csv('{EVENT_TYPES}')",
        ),
        ("start", "create table bot_user_agents (pattern varchar)"),
    ]
    order = [
        model.model for model in models if model.model in (*VIEWS, "int_events_accepted", *KEPT)
    ]
    for name in order:
        if name not in KEPT:
            done.append((name, f"create view {name} as {sql[name]}"))
            continue
        kept = ", ".join(KEPT[name])
        done.append((name, f"create table {name}__kept as select {kept} from ({sql[name]})"))
        columns = ", ".join(
            column if column in KEPT[name] else f"cast(null as {kind}) as {column}"
            for column, kind in types[name].items()
        )
        # Rows are read by their number, which a view must pass on.
        done.append((name, f"create view {name} as select {columns}, rowid from {name}__kept"))
    return done + _written("int_sessions__kept", folder)


def _without_json(staging: str) -> str:
    call = "read_parquet("
    if staging.count(call) != 1:
        raise ValueError(f"staging reads landed events in {staging.count(call)} places, wanted 1")
    begin = staging.index(call)
    end = staging.index(")", begin) + 1
    bare = (
        "select * replace (cast(null as varchar) as properties, cast(null as varchar) as context)"
    )
    return f"{staging[:begin]}({bare} from {staging[begin:end]}){staging[end:]}"


def straightforward(landed: str, folder: Path) -> list[tuple[str, str]]:
    """The job as one would write it at first: row_number, lag, running sum; (name, statement)."""
    moments = ", ".join(
        f"try_cast({name} as timestamptz) at time zone 'UTC' as {name}"
        for name in ("original_timestamp", "sent_at", "received_at")
    )
    return [
        (
            "sessions",
            f"""
            create temp table sessions as
            with events as (
                select
                    message_id,
                    anonymous_id as visitor_id,
                    case type
                        when 'track' then lower(replace(event, ' ', '_'))
                        when 'page' then 'page_viewed'
                        when 'identify' then 'identified'
                    end as event_type,
                    _loaded_at,
                    _content_hash,
                    {moments}
                from read_parquet('{landed}')
            ),
            timed as (
                select
                    * exclude (received_at),
                    coalesce(received_at - (sent_at - original_timestamp), original_timestamp)
                        as event_at,
                    coalesce(received_at, _loaded_at) as received_at
                from events
            ),
            once as (
                select visitor_id, event_at
                from timed
                where
                    trim(message_id) <> ''
                    and trim(visitor_id) <> ''
                    and event_at <= received_at + interval 24 hour
                    and event_type in (select event_type from read_csv('{EVENT_TYPES}'))
                qualify row_number() over (
                    partition by message_id order by received_at, _loaded_at, _content_hash
                ) = 1
            ),
            gaps as (
                select
                    *,
                    event_at - lag(event_at) over (partition by visitor_id order by event_at) as gap
                from once
            ),
            numbered as (
                select
                    *,
                    sum(case when gap is null or gap > interval 30 minute then 1 else 0 end)
                        over (partition by visitor_id order by event_at rows unbounded preceding)
                        as session
                from gaps
            )
            select
                visitor_id,
                min(event_at) as started_at,
                max(event_at) as ended_at,
                count(*) as event_count
            from numbered
            group by visitor_id, session
            """,
        ),
        *_written("sessions", folder),
    ]


def _written(relation: str, folder: Path) -> list[tuple[str, str]]:
    queries = {"sessions": SESSIONS, "days": DAYS}
    return [
        (
            f"write {name}",
            f"copy ({query.format(relation=relation)}) to '{folder / name}.parquet' "
            "(format parquet, compression zstd)",
        )
        for name, query in queries.items()
    ]
