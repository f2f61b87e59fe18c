"""A model that was kept, and the same model over a log that it was not fitted on.

The gate compares models on days that are later than either, and the champion answers for as long
as no challenger beats it. So a model of last week has to say something about today's people and
products. What it learnt about products is taken as it was; what a person did is read from
today's log. Whoever came since is answered, and no id of a person is kept with a model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from trasos.errors import InputError
from trasos.recommender.arrays import Codes, Floats, Sparse
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.fit import Recommender
from trasos.recommender.folders import read_folder
from trasos.recommender.matrix import person_product
from trasos.recommender.models.als import fold_in
from trasos.recommender.models.covisitation import CoVisitation, recent_products
from trasos.recommender.models.popularity import Popular, PopularInDepartment, main_departments
from trasos.recommender.packing import unpack
from trasos.recommender.params import RecommenderParams
from trasos.recommender.threads import one_blas_thread
from trasos.recommender.versions import data_snapshot

MODEL, EVALUATIONS = "model.npz", "evaluations"


@dataclass(frozen=True)
class Kept:
    """A model as it was kept.

    Attributes:
        recommender: the fitted models, in codes of the log and catalogue that they learnt from.
        product_ids: strings that its product codes point into.
        departments: strings that its department codes point into.
        params: tunables that it was fitted with.
        data_snapshot: name of that log and catalogue.
        trained_through: seconds, the last interaction that it learnt from.
        checksum: SHA-256 over all that its manifest says, the files' checksums among it.
    """

    recommender: Recommender
    product_ids: Any
    departments: Any
    params: RecommenderParams
    data_snapshot: str
    trained_through: int
    checksum: str

    def known(self, catalogue: Catalogue) -> Codes:
        """Today's products in the codes of this model; int32 (n_products,), -1 where unknown."""
        return _positions(catalogue.product_ids, self.product_ids)


def read_kept(folder: Path) -> Kept:
    """Read a model, holding its files to their checksums.

    Args:
        folder: as ``artefacts.train_or_load`` or an evaluation wrote it.

    Raises:
        NotReadyError: there is no such folder.
        InputError: it is damaged, or was written by a release that kept models otherwise.
    """
    files, manifest = read_folder(folder)
    try:
        recommender, product_ids, departments = unpack(files[MODEL])
        return Kept(
            recommender=recommender,
            product_ids=product_ids,
            departments=departments,
            params=RecommenderParams.from_mapping(manifest["parameters"]),
            data_snapshot=manifest["data_snapshot"],
            trained_through=manifest["trained_through"],
            checksum=manifest["checksum"],
        )
    except KeyError as error:
        raise InputError(
            f"Artefact {folder.name} holds no {error}: it was written by another release of "
            "Trasos. Let another version serve: `trasos model list`, then `trasos model promote`."
        ) from error


def carried_over(kept: Kept, log: InteractionLog, catalogue: Catalogue) -> Recommender:
    """The model over another log and catalogue; as it was kept where they are its own.

    Products that it never met have no opinion from it. Persons are folded in: their factors solve
    the last half-step of ALS with the products' factors held (Hu, Koren and Volinsky 2008), their
    recent products and main department are read from the log. With the solver of Spark, which
    weighs the regularization by the number of a person's pairs, the plain one is taken here.

    Args:
        kept: the model.
        log: interactions up to the moment at which it is asked.
        catalogue: products of that moment.
    """
    if data_snapshot(log, catalogue) == kept.data_snapshot:
        return kept.recommender
    model, params = kept.recommender, kept.params
    known = kept.known(catalogue)
    matrix = person_product(log, log.last_at + 1, params.half_life_days)
    item_factors = _rows(model.als.item_factors, known)
    with one_blas_thread():
        person_factors = fold_in(matrix, item_factors, model.tuning.regularization, params)
    return replace(
        model,
        popular=Popular(_rows(model.popular.popularity, known)),
        in_department=PopularInDepartment(
            _by_department(kept, known, catalogue),
            main_departments(matrix, catalogue),
            catalogue.department,
            catalogue.category,
        ),
        covisitation=CoVisitation(
            _pairs(model.covisitation.pairs, known), recent_products(log, params)
        ),
        als=replace(model.als, person_factors=person_factors, item_factors=item_factors),
    )


def _positions(wanted: Any, among: Any) -> Codes:
    found = pc.index_in(wanted, value_set=among)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int32)


def _rows(values: Floats, known: Codes) -> Floats:
    """Rows of what was learnt a product, in today's order; zero where it is unknown."""
    taken = np.zeros((len(known), *values.shape[1:]), values.dtype)
    taken[known >= 0] = values[known[known >= 0]]
    return taken


def _pairs(pairs: Sparse, known: Codes) -> Sparse:
    """Rows and columns of a product x product matrix in today's order."""
    today = np.flatnonzero(known >= 0)
    place = csr_array(
        (np.ones(len(today), pairs.dtype), (today, known[today])),
        shape=(len(known), pairs.shape[0]),
    )
    moved = (place @ pairs @ place.T).tocsr()
    moved.sort_indices()
    return moved


def _by_department(kept: Kept, known: Codes, catalogue: Catalogue) -> Floats:
    """Popularity by today's departments, the last row for persons without history."""
    old = kept.recommender.in_department.by_department
    codes = _positions(catalogue.departments, kept.departments)
    taken = np.zeros((len(codes) + 1, len(known)), old.dtype)
    for row, code in enumerate([*codes, len(old) - 1]):
        if code >= 0:
            taken[row] = _rows(old[code], known)
    return taken
