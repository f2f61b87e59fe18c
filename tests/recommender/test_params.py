import json

import pytest

from trasos.errors import ConfigurationError
from trasos.recommender.params import RecommenderParams, event_type_key


def test_values_come_as_numbers_or_as_text() -> None:
    params = RecommenderParams.from_mapping(
        {
            "list_length": "5",
            "half_life_days": 10,
            "als_alpha": "4.5",
            "test_days": None,
            "order_event_types": "Order Completed, purchase",
        }
    )
    assert params.list_length == 5
    assert params.half_life_days == 10.0
    assert params.als_alpha == 4.5
    assert params.test_days == RecommenderParams().test_days
    assert params.order_event_types == ("order_completed", "purchase")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"als_alpha": 1.5}, "als_alpha"),
        ({"list_length": "many"}, "many"),
        ({"list_length": 2.5}, "whole number"),
        ({"list_length": True}, "True"),
        ({"half_life_days": float("nan")}, "half_life_days"),
        ({"half_life": 3}, "half_life_days"),
        ({"order_event_types": " , "}, "order_event_types"),
        ({"order_event_types": 3}, "order_event_types"),
        ({"order_event_types": [3]}, "order_event_types"),
    ],
)
def test_what_does_not_fit_is_named(values: dict[str, object], word: str) -> None:
    with pytest.raises(ConfigurationError, match=word):
        RecommenderParams.from_mapping(values)


def test_equal_parameters_have_one_spelling() -> None:
    one = RecommenderParams(half_life_days=30, relevant_event_types=("view", "Order Completed"))
    two = RecommenderParams.from_mapping(
        {"half_life_days": "30.0", "relevant_event_types": ["order_completed", "view"]}
    )
    assert one.to_json() == two.to_json()
    assert json.loads(one.to_json())["half_life_days"] == 30.0


def test_event_types_are_compared_in_one_spelling() -> None:
    assert event_type_key(" Order  Completed ") == "order_completed"
