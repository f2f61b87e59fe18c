"""The habits of the house, held by tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
MODELS = sorted((ROOT / "models").rglob("*.sql"))
MACROS = sorted((ROOT / "macros").rglob("*.sql"))
DUCKDB_ONLY = re.compile(
    r"\b(list_\w+|arg_max|arg_min|epoch_us|epoch_ms|json_extract\w*|strptime|unnest|regexp_matches"
    r"|date_diff|datediff|read_parquet|columns|exclude)\s*\(|::|->>|//",
    re.IGNORECASE,
)


def described(model: Path) -> dict[str, Any]:
    content = yaml.safe_load(model.with_suffix(".yml").read_text())
    (entry,) = content["models"]
    return dict(entry)


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_every_model_has_its_yaml_beside_it(model: Path) -> None:
    entry = described(model)
    assert entry["name"] == model.stem
    assert len(entry["description"].split()) >= 2
    assert entry["config"]["meta"]["owner"] in ("data engineering", "analytics", "data science")
    columns = entry["columns"]
    assert all(column["data_type"] and column["description"] for column in columns)
    assert "data_tests" in entry or any("data_tests" in column for column in columns)


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_names_say_the_room(model: Path) -> None:
    room = model.relative_to(ROOT / "models").parts
    prefixes = {
        "staging": (f"stg_{room[1]}__",),
        "intermediate": ("int_",),
        "marts": ("dim_", "fct_", "rpt_", "rec_"),
        "features": ("ftr_",),
    }[room[0]]
    assert model.stem.startswith(prefixes)


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_marts_read_no_staging_and_nothing_reads_to_its_right(model: Path) -> None:
    text = model.read_text()
    references = re.findall(r"ref\('(\w+)'\)", text)
    references += re.findall(r"union_sources\('(\w+)'", text) and ["stg_"]
    room = model.relative_to(ROOT / "models").parts[0]
    forbidden = {
        "staging": ("int_", "dim_", "fct_", "rpt_", "ftr_", "rec_"),
        "intermediate": ("dim_", "fct_", "rpt_", "ftr_", "rec_"),
        "marts": ("stg_",),
        "features": ("stg_",),
    }[room]
    assert not [name for name in references if name.startswith(forbidden)]


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_no_model_speaks_one_engine_only(model: Path) -> None:
    """A dialect difference lives in a macro below macros/dialect."""
    sql = re.sub(r"--.*|\{#.*?#\}", "", model.read_text())
    sql = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", sql, flags=re.DOTALL)
    assert not DUCKDB_ONLY.findall(sql)


def test_every_dialect_macro_speaks_both() -> None:
    for macro in sorted((ROOT / "macros/dialect").glob("*.sql")):
        text = macro.read_text()
        for prefix in ("", "default__", "spark__"):
            assert f"macro {prefix}{macro.stem}(" in text, (
                f"{macro.name} lacks {prefix or 'itself'}"
            )


def test_every_macro_is_described() -> None:
    for macro in MACROS:
        assert macro.read_text().startswith("{#"), f"{macro.name} begins without a description"


def test_staged_sources_are_the_folders_of_staging() -> None:
    named = yaml.safe_load((ROOT / "vars.yml").read_text())["vars"]["staged_sources"]
    folders = [path.name for path in (ROOT / "models/staging").iterdir() if path.is_dir()]
    assert sorted(named) == sorted(folders)


def test_every_source_is_built_only_where_it_is_named() -> None:
    """A folder without its line in dbt_project.yml would be built for every shop, and fail."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    staging = project["models"]["trasos"]["staging"]
    for folder in (path.name for path in (ROOT / "models/staging").iterdir() if path.is_dir()):
        assert f"'{folder}' in var('event_sources')" in staging[folder]["+enabled"]


def test_the_event_contract_lists_the_canonical_columns() -> None:
    macro = (ROOT / "macros/event_columns.sql").read_text()
    columns = re.findall(r"'(\w+)'", macro)
    table = (ROOT / "docs/event_contract.md").read_text()
    section = table[table.index("## The canonical event") : table.index("## What becomes")]
    listed = [
        name
        for row in re.findall(r"^\| (`.*?) \|", section, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]
    assert listed == [name for name in columns if name != "loaded_at"] or listed == columns


def test_python_models_are_thin() -> None:
    for model in sorted((ROOT / "python_models").rglob("*.py")):
        assert len(model.read_text().splitlines()) <= 16, f"{model.name} holds logic"


def test_the_library_knows_neither_dbt_nor_dagster() -> None:
    for module in sorted((ROOT / "trasos").rglob("*.py")):
        found = re.findall(r"^\s*(?:from|import) (dbt|dagster)\b", module.read_text(), re.MULTILINE)
        assert not found, f"{module.relative_to(ROOT)} imports {found}"


def test_the_readme_shows_what_the_demo_printed() -> None:
    readme = (ROOT / "README.md").read_text()
    for words in ("lines that came in", "ranked (served)", "Where to go next"):
        assert words in readme
