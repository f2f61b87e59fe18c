"""The shop as it was known at a moment: no product that came later, no event of one.

What is learnt for a moment in the past has to be learnt as it would have been then. Later events
are cut off by time; later products would still be there as rows of the catalogue, and a factor
model that draws a start for each row would come out otherwise.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from trasos.recommender.arrays import Codes
from trasos.recommender.data import Catalogue, InteractionLog


def known_at(
    log: InteractionLog, catalogue: Catalogue, moment: int
) -> tuple[InteractionLog, Catalogue, Codes]:
    """Leave only the products that were launched, or met, by a moment.

    Args:
        log: interactions; those after the moment stay, they may be wanted as outcomes.
        catalogue: products.
        moment: seconds.

    Returns:
        Log and catalogue with the products' codes counted anew, and the old code of each.
    """
    is_known = catalogue.launched_at <= moment
    is_known[log.before(moment).product] = True
    kept = np.flatnonzero(is_known).astype(np.int32)
    code = np.full(catalogue.n_products, -1, np.int32)
    code[kept] = np.arange(len(kept), dtype=np.int32)
    events = log.take(is_known[log.product])
    return (
        replace(events, product=code[events.product], n_products=len(kept)),
        replace(
            catalogue,
            product_ids=catalogue.product_ids.take(pa.array(kept)),
            department=catalogue.department[kept],
            category=catalogue.category[kept],
            brand=catalogue.brand[kept],
            launched_at=catalogue.launched_at[kept],
            is_on_sale=catalogue.is_on_sale[kept],
            price=catalogue.price[kept],
        ),
        kept,
    )
