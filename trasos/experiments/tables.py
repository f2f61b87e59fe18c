"""The tables that a read-out fills, with their types."""

from __future__ import annotations

import pyarrow as pa

TEXT, WHOLE, NUMBER = pa.string(), pa.int64(), pa.float64()

READOUTS = pa.schema(
    [
        ("experiment_id", TEXT),
        ("metric", TEXT),
        ("role", TEXT),
        ("direction", TEXT),
        ("control_variation_id", TEXT),
        ("variation_id", TEXT),
        ("status", TEXT),
        ("decision", TEXT),
        ("n_control", WHOLE),
        ("n_treatment", WHOLE),
        ("mean_control", NUMBER),
        ("mean_treatment", NUMBER),
        ("method", TEXT),
        ("confidence_level", NUMBER),
        ("difference", NUMBER),
        ("diff_low", NUMBER),
        ("diff_high", NUMBER),
        ("p_value", NUMBER),
        ("verdict", TEXT),
        ("lift", NUMBER),
        ("lift_low", NUMBER),
        ("lift_high", NUMBER),
        ("detectable_difference", NUMBER),
        ("cuped_difference", NUMBER),
        ("cuped_low", NUMBER),
        ("cuped_high", NUMBER),
        ("cuped_p_value", NUMBER),
        ("variance_reduction_rate", NUMBER),
        ("sequential_low", NUMBER),
        ("sequential_high", NUMBER),
        ("sequential_p_value", NUMBER),
        ("sequential_verdict", TEXT),
        ("margin_share", NUMBER),
        ("guard_rail_p_value", NUMBER),
    ]
)

CHECKS = pa.schema(
    [
        ("experiment_id", TEXT),
        ("check_name", TEXT),
        ("status", TEXT),
        ("n_persons", WHOLE),
        ("observed", NUMBER),
        ("expected_low", NUMBER),
        ("expected_high", NUMBER),
        ("p_value", NUMBER),
    ]
)

DAILY = pa.schema(
    [
        ("experiment_id", TEXT),
        ("metric", TEXT),
        ("variation_id", TEXT),
        ("read_date", pa.date32()),
        ("n_control", WHOLE),
        ("n_treatment", WHOLE),
        ("mean_control", NUMBER),
        ("mean_treatment", NUMBER),
        ("difference", NUMBER),
        ("fixed_low", NUMBER),
        ("fixed_high", NUMBER),
        ("sequential_low", NUMBER),
        ("sequential_high", NUMBER),
        ("sequential_p_value", NUMBER),
    ]
)

SEGMENT_ROWS = pa.schema(
    [
        ("experiment_id", TEXT),
        ("metric", TEXT),
        ("variation_id", TEXT),
        ("segment", TEXT),
        ("segment_value", TEXT),
        ("status", TEXT),
        ("n_control", WHOLE),
        ("n_treatment", WHOLE),
        ("mean_control", NUMBER),
        ("mean_treatment", NUMBER),
        ("difference", NUMBER),
        ("diff_low", NUMBER),
        ("diff_high", NUMBER),
        ("p_value", NUMBER),
        ("corrected_p_value", NUMBER),
        ("heterogeneity_p_value", NUMBER),
    ]
)
