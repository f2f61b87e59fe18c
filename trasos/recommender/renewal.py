"""Whose list is made anew, and whose stands: a large shop scores those for whom something changed.

A list stands while what it was made from is the same: what its person did, the model and all that
tells it what to do, and that its products are on sale. Popularity moves with everybody's clicks,
so a standing list may be older than one made now; ``max_age_days`` bounds by how much.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trasos.recommender.answers import RECOMMENDATIONS
from trasos.recommender.arrays import SECONDS_A_DAY, Codes, Flags, Keys
from trasos.recommender.columns import Columns
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.exploration import ExplorationParams
from trasos.recommender.models.chance import mix
from trasos.recommender.params import RecommenderParams
from trasos.recommender.rules import Rule
from trasos.recommender.versions import code_version, data_snapshot, short_hash

LISTS = pa.schema(
    [
        *RECOMMENDATIONS,
        pa.field("as_of", pa.timestamp("us"), nullable=False),
        pa.field("basis", pa.int64(), nullable=False),
    ]
)
"""Lists, the newest interaction that each could know, and a name of all that it was made from."""


@dataclass(frozen=True)
class Renewal:
    """What today's lists are made from.

    Attributes:
        basis: int64 (n_persons,), a name of what each person's list is made from.
        as_of: seconds, the newest interaction.
        max_age_days: whole days that a list may stand; 0 where each follows all data.
    """

    basis: Any
    as_of: int
    max_age_days: int

    @classmethod
    def of(
        cls,
        model_version: str,
        log: InteractionLog,
        catalogue: Catalogue,
        params: RecommenderParams,
        rules: tuple[Rule, ...],
        exploring: ExplorationParams,
        max_age_days: int,
    ) -> Renewal:
        """Name what each person's list would be made from now.

        Args:
            model_version: who answers.
            log: interactions.
            catalogue: products.
            params: tunables.
            rules: merchandisers' rules in force.
            exploring: how much is explored.
            max_age_days: see the class.
        """
        pieces = [
            model_version,
            code_version(),
            params.to_json(),
            json.dumps(asdict(exploring), sort_keys=True),
            *(_spelt(rule, catalogue) for rule in rules),
        ]
        if max_age_days == 0:
            pieces.append(data_snapshot(log, catalogue))
        context = np.uint64(int(short_hash(pieces), 16))
        basis = mix(histories(log, catalogue) ^ context).view(np.int64)
        return cls(basis, log.last_at, max_age_days)

    def standing(
        self,
        rows: Any,
        asked: Codes,
        log: InteractionLog,
        catalogue: Catalogue,
        length: int,
    ) -> tuple[Any, Codes]:
        """Part those who are asked about into standing lists and who is to be answered anew.

        Args:
            rows: ``pyarrow.Table`` of ``LISTS``, as the last build left it.
            asked: int32, rising codes of persons with history.
            log: interactions.
            catalogue: products.
            length: of a list.

        Returns:
            The rows of ``rows`` that stand, and the codes of the persons who need a new list.

        Raises:
            InputError: a column is missing or of another type.
        """
        columns = Columns(rows, "standing lists")
        person = pc.index_in(columns.texts("person_id"), value_set=log.person_ids).fill_null(-1)
        code = person.to_numpy()
        product = pc.index_in(columns.texts("product_id"), value_set=catalogue.product_ids)
        place = product.fill_null(0).to_numpy()
        held = np.asarray(catalogue.is_on_sale)[place] & ~product.is_null().to_numpy(False)
        stands = held & (code >= 0)
        stands &= columns.whole_numbers("basis") == self.basis[code]
        n_persons = log.n_persons
        n_rows = np.bincount(code[stands], minlength=n_persons)
        as_of = np.zeros(n_persons, np.int64)
        as_of[code[stands]] = columns.moments("as_of")[stands]
        is_asked = np.zeros(n_persons, np.bool_)
        is_asked[asked] = True
        keeps = is_asked & (n_rows == length) & ~self._is_due(log, as_of)
        kept = pa.array(stands & keeps[code])
        return rows.select(LISTS.names).cast(LISTS).filter(kept), asked[~keeps[asked]]

    def stamped(self, rows: Any, log: InteractionLog | None) -> Any:
        """New rows with the two columns more; those of strangers, where there is no log, name none.

        Args:
            rows: ``pyarrow.Table`` of ``RECOMMENDATIONS``.
            log: interactions of the persons.
        """
        basis = np.zeros(rows.num_rows, np.int64)
        if log is not None:
            codes = pc.index_in(rows["person_id"].combine_chunks(), value_set=log.person_ids)
            basis = self.basis[codes.to_numpy()]
        as_of = pa.repeat(pa.scalar(self.as_of * 1_000_000, pa.timestamp("us")), rows.num_rows)
        return pa.Table.from_arrays([*rows.columns, as_of, pa.array(basis)], schema=LISTS)

    def _is_due(self, log: InteractionLog, as_of: Any) -> Flags:
        """Who is due by age: each person has a day in turn, so that not all fall on one."""
        if self.max_age_days == 0:
            # What they are made from names all data.
            return np.zeros(log.n_persons, np.bool_)
        digests = (blake2b(name.encode(), digest_size=4) for name in log.person_ids.to_pylist())
        turn = np.frombuffer(b"".join(digest.digest() for digest in digests), "<u4")
        now, then = (moment // SECONDS_A_DAY + turn for moment in (self.as_of, as_of))
        return np.asarray(now // self.max_age_days > then // self.max_age_days)


def earlier(connection: Any, relation: Any) -> Any:
    """The lists of the last build, before they are overwritten.

    Args:
        connection: to DuckDB.
        relation: dbt's name of the table: database, schema and identifier.

    Returns:
        ``pyarrow.Table`` of ``LISTS``; None where there are none, or none that say what they were
        made from.
    """
    found = connection.execute(
        "select column_name from duckdb_columns() "
        "where database_name = ? and schema_name = ? and table_name = ?",
        [relation.database, relation.schema, relation.identifier],
    ).fetchall()
    if not set(LISTS.names) <= {name for (name,) in found}:
        return None
    return connection.sql(f"select {', '.join(LISTS.names)} from {relation}").to_arrow_table()


def histories(log: InteractionLog, catalogue: Catalogue) -> Keys:
    """A number for what each person did: the same rows in any order, the same number.

    Sums of mixed bits of product, event type, moment, weight and the session's first moment; names
    count, not codes, which move when a product is added.

    Args:
        log: interactions.
        catalogue: products.

    Returns:
        uint64 (n_persons,); 0 for who did nothing.
    """
    product = _named(catalogue.product_ids.to_pylist())[log.product]
    event = mix(product ^ _named(log.event_types)[log.event_type])
    event = mix(event ^ log.event_at.view(np.uint64))
    event = mix(event ^ log.weight.view(np.uint32).astype(np.uint64))
    # The log is in the order of time: a session's first row is its first moment.
    _, first, session = np.unique(log.session, return_index=True, return_inverse=True)
    began = np.where(log.session < 0, 0, log.event_at[first][session])
    event = mix(event ^ began.view(np.uint64))
    order = np.argsort(log.person, kind="stable")
    persons, first = np.unique(log.person[order], return_index=True)
    found = np.zeros(log.n_persons, np.uint64)
    found[persons] = np.add.reduceat(event[order], first)
    return found


def _named(names: Any) -> Keys:
    digests = [blake2b(name.encode(), digest_size=8).digest() for name in names]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _spelt(rule: Rule, catalogue: Catalogue) -> str:
    """A rule with names for codes."""
    ids, departments = catalogue.product_ids, catalogue.departments
    spelt = asdict(rule) | {
        "products": ids.take(pa.array(rule.products)).to_pylist(),
        "department": None if rule.department is None else departments[rule.department].as_py(),
        "beside": None if rule.beside is None else ids[rule.beside].as_py(),
    }
    return json.dumps(spelt, sort_keys=True)
