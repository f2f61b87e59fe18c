"""What sells anyway: the baselines every other model has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trasos.recommender.arrays import Codes, Flags, Floats, Sparse
from trasos.recommender.data import Catalogue
from trasos.recommender.matrix import pair_matrix
from trasos.recommender.models.model import NO_OPINION, opinion

DEPARTMENT_SMOOTHING = 1e-3
"""Share of overall popularity mixed in, which orders products that a department's people tie on."""


@dataclass(frozen=True)
class Popular:
    """The decayed weight of each product over all persons; never without an opinion.

    Attributes:
        popularity: float32 of shape (n_products,), zero for products nobody met.
        name: see ``Model``.
    """

    popularity: Floats
    name: str = "popular"

    @classmethod
    def fit(cls, matrix: Sparse) -> Popular:
        """Sum a person x product matrix over persons."""
        return cls(np.asarray(matrix.sum(axis=0, dtype=np.float64)).ravel().astype(np.float32))

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """The same popularity for everyone; see ``Model``."""
        return np.broadcast_to(self.popularity, (len(persons), len(self.popularity)))

    def score_items(self, items: Codes) -> Floats:
        """The same popularity beside every product; see ``Model``."""
        return np.broadcast_to(self.popularity, (len(items), len(self.popularity)))


@dataclass(frozen=True)
class PopularInDepartment:
    """Popularity among the persons whose main department is the same.

    Attributes:
        by_department: float32 of shape (n_departments + 1, n_products); the last row, for persons
            without history, holds overall popularity.
        main_department: int32 of shape (n_persons + 1,), -1 for persons without history.
        department: int32 of shape (n_products,), department of each product.
        category: int32 of shape (n_products,), category of each product.
        name: see ``Model``.
    """

    by_department: Floats
    main_department: Codes
    department: Codes
    category: Codes
    name: str = "popular_in_department"

    @classmethod
    def fit(cls, matrix: Sparse, catalogue: Catalogue) -> PopularInDepartment:
        """Find each person's main department and sum the matrix over its persons.

        Args:
            matrix: person x product weights as ``matrix.person_product`` makes them.
            catalogue: gives the departments.
        """
        n_departments = len(catalogue.departments)
        main = main_departments(matrix, catalogue)
        persons = np.flatnonzero(main >= 0).astype(np.int32)
        member = pair_matrix(
            main[persons], persons, np.ones(len(persons)), n_departments + 1, len(main)
        )
        popularity = (member @ matrix.astype(np.float64)).toarray()
        overall = np.asarray(matrix.sum(axis=0, dtype=np.float64)).ravel()
        popularity = popularity + DEPARTMENT_SMOOTHING * overall * (popularity > 0)
        popularity[-1] = overall
        return cls(popularity.astype(np.float32), main, catalogue.department, catalogue.category)

    def score_persons(self, persons: Codes, allowed: Flags) -> Floats:
        """Popularity within each person's segment; see ``Model``."""
        return opinion(self.by_department[self.main_department[persons]])

    def score_items(self, items: Codes) -> Floats:
        """Popularity among products of the same department and category; see ``Model``."""
        same = self.category[items][:, None] == self.category[None, :]
        return np.where(same, self.by_department[-1][None, :], NO_OPINION)


def main_departments(matrix: Sparse, catalogue: Catalogue) -> Codes:
    """The department that holds most of a person's weight; ties go to the lower code.

    Args:
        matrix: person x product weights, shape (n_persons + 1, n_products).
        catalogue: gives each product's department.

    Returns:
        int32 of shape (n_persons + 1,); -1 for rows without weight.
    """
    products = np.arange(catalogue.n_products, dtype=np.int32)
    known = catalogue.department >= 0
    belongs = pair_matrix(
        products[known],
        catalogue.department[known],
        np.ones(int(known.sum())),
        catalogue.n_products,
        len(catalogue.departments),
    )
    weights = (matrix.astype(np.float64) @ belongs).toarray()
    main: Codes = np.asarray(weights.argmax(axis=1), np.int32)
    main[weights.sum(axis=1) == 0] = -1
    return main
