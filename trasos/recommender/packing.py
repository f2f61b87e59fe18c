"""A fitted recommender as one file of arrays, and back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array

from trasos.recommender.arrays import Sparse
from trasos.recommender.data import Catalogue
from trasos.recommender.fit import Recommender
from trasos.recommender.models.als import Als
from trasos.recommender.models.covisitation import CoVisitation
from trasos.recommender.models.popularity import Popular, PopularInDepartment
from trasos.recommender.models.rp3beta import Rp3Beta
from trasos.recommender.ranking.ranker import Ranker
from trasos.recommender.tune import Tuning

NAMES = ("product_ids", "departments")


def pack(recommender: Recommender, catalogue: Catalogue) -> bytes:
    """The arrays of all models, with the names of products and departments, without ids of persons.

    Without the log nobody can tell whose factors they are, and erasing a person there is enough.
    """
    tuning = recommender.tuning
    arrays = {
        "product_ids": np.array(catalogue.product_ids.to_pylist(), np.str_),
        "departments": np.array(catalogue.departments.to_pylist(), np.str_),
        "popularity": recommender.popular.popularity,
        "by_department": recommender.in_department.by_department,
        "main_department": recommender.in_department.main_department,
        "department": recommender.in_department.department,
        "category": recommender.in_department.category,
        "person_factors": recommender.als.person_factors,
        "item_factors": recommender.als.item_factors,
        "weights": np.array(tuning.weights),
        "tuning": np.array([tuning.regularization, tuning.n_persons, tuning.ndcg]),
        **_pack_sparse("pairs", recommender.covisitation.pairs),
        **_pack_sparse("history", recommender.covisitation.history),
        **_pack_sparse("walks", recommender.rp3beta.pairs),
        **_pack_sparse("taken", recommender.rp3beta.history),
        "ranker": np.frombuffer(recommender.ranker.to_json().encode(), np.uint8),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(content: bytes) -> tuple[Recommender, Any, Any]:
    """Read what ``pack`` wrote.

    Returns:
        The recommender, then the strings (``pyarrow.Array``) that its product codes and its
        department codes point into.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        als, covisitation, popularity = (float(weight) for weight in arrays["weights"])
        regularization, n_persons, quality = (float(number) for number in arrays["tuning"])
        recommender = Recommender(
            popular=Popular(arrays["popularity"]),
            in_department=PopularInDepartment(
                arrays["by_department"],
                arrays["main_department"],
                arrays["department"],
                arrays["category"],
            ),
            covisitation=CoVisitation(
                _unpack_sparse("pairs", arrays), _unpack_sparse("history", arrays)
            ),
            als=Als(arrays["person_factors"], arrays["item_factors"]),
            rp3beta=Rp3Beta(_unpack_sparse("walks", arrays), _unpack_sparse("taken", arrays)),
            tuning=Tuning((als, covisitation, popularity), regularization, int(n_persons), quality),
            ranker=Ranker.from_json(arrays["ranker"].tobytes().decode()),
        )
        names = (pa.array(arrays[name].tolist(), pa.string()) for name in NAMES)
        return recommender, *names


def _pack_sparse(name: str, matrix: Sparse) -> dict[str, Any]:
    return {
        f"{name}_data": matrix.data,
        f"{name}_indices": matrix.indices,
        f"{name}_indptr": matrix.indptr,
        f"{name}_shape": np.array(matrix.shape, np.int64),
    }


def _unpack_sparse(name: str, arrays: Any) -> Sparse:
    parts = (arrays[f"{name}_data"], arrays[f"{name}_indices"], arrays[f"{name}_indptr"])
    return csr_array(parts, shape=tuple(int(size) for size in arrays[f"{name}_shape"]))
