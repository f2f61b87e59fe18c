"""What is said where the published copy cannot answer."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from trasos.errors import InputError, NotReadyError
from trasos.metrics.asking import ask


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "trasos.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table fct_orders as select 'email' as channel, 2 as orders")
    return path


def test_rows_come_with_their_columns(published: Path) -> None:
    answer = ask(published, "select channel, orders from fct_orders")
    assert (answer.columns, answer.rows) == (("channel", "orders"), (("email", 2),))


@pytest.mark.parametrize("condition", ["foo = 1", "channel = = 'email'", "channel = 'email"])
def test_a_wrong_condition_sends_one_to_the_condition(published: Path, condition: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(published, f"select orders from fct_orders where {condition}")
    said = str(caught.value)
    assert "Check --where: `trasos metrics list METRIC` names the dimensions" in said
    assert "{{ Dimension('session__channel') }} = 'email'" in said


def test_a_table_that_is_not_published_sends_one_to_the_publisher(published: Path) -> None:
    with pytest.raises(InputError, match="fct_spend does not exist") as caught:
        ask(published, "select * from fct_spend")
    assert "Publish again after `dbt build`" in str(caught.value)
    assert "--where" not in str(caught.value)
    with pytest.raises(NotReadyError, match="Nothing is published"):
        ask(published.parent / "none.duckdb", "select 1")
