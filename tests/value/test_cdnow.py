"""The published answers on CDNOW, for the SQL of the mart and for the models."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from scipy.special import hyp2f1

from tests.engines.macros import Macros, Relation
from tests.value import cdnow
from trasos.value import bgnbd, gamma_gamma, pareto
from trasos.value.purchases import from_log

pytestmark = pytest.mark.skipif(not cdnow.CDNOW.exists(), reason=cdnow.NOT_THERE)


def test_the_mart_gives_the_published_summary_of_every_customer() -> None:
    """The mart's own SQL, run over the log of CDNOW as if it were the shop's orders."""
    sql = Macros("duckdb", ref=Relation, config=lambda **_: "").render(
        (cdnow.ROOT / "models/marts/value/fct_customer_rfm.sql").read_text()
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table fct_order_values as
            select
                sampleid as person_id,
                strptime(date::varchar, '%Y%m%d')::date as order_date,
                false as is_cancelled,
                'USD' as currency,
                sales::decimal(18, 2) as net_revenue,
                (sales / 2)::decimal(18, 2) as gross_margin
            from read_csv('{cdnow.CDNOW / "cdnowElog.csv"}')
            where date <= 19970930
            """
        )
        connection.execute("create table dim_dates as select date '1997-09-30' as date_day")
        found = connection.execute(
            f"""
            select frequency, recency_days / 7, age_days / 7, coalesce(monetary_value, 0)
            from ({sql}) order by person_id
            """
        ).fetchnumpy()
    x, t_x, age, value = (np.asarray(column, np.float64) for column in found.values())
    truth = cdnow.published()
    assert len(x) == 2_357
    assert (x == truth["x"]).sum() == 2_357 and x.sum() == 2_457 and (x > 0).sum() == 946
    np.testing.assert_allclose(t_x, truth["t_x"], atol=0.00501)
    np.testing.assert_allclose(age, truth["T"], atol=0.00501)
    # Both are rounded to cents, the published one from the other side of a half here and there.
    np.testing.assert_allclose(value, truth["zbar"], atol=0.01001)


def test_the_library_summarises_as_the_mart_does() -> None:
    found, truth = cdnow.summary(), cdnow.published()
    assert (found.frequency == truth["x"]).all()
    np.testing.assert_allclose(found.recency, truth["t_x"], atol=0.00501)
    np.testing.assert_allclose(found.value, truth["zbar"], atol=0.00501)


def test_bg_nbd_is_the_published_fit() -> None:
    """Fader, Hardie & Lee (2005), table 2; digits of the tests of the R package CLVTools."""
    model, fit = bgnbd.fit(cdnow.summary())
    assert fit.status == "converged"
    found = (model.r, model.alpha, model.a, model.b)
    np.testing.assert_allclose(found, (0.243, 4.414, 0.793, 2.426), rtol=0.01)
    np.testing.assert_allclose(found, (0.2425945, 4.4136019, 0.7929199, 2.4258881), rtol=1e-4)
    assert fit.log_likelihood == pytest.approx(-9_582.429, abs=0.001)


def test_the_unit_of_time_changes_nothing_but_alpha() -> None:
    weeks = cdnow.summary()
    in_days = from_log(*cdnow.log(), cdnow.days(cdnow.END))[1]
    (model, fit), (other, other_fit) = bgnbd.fit(weeks), bgnbd.fit(in_days)
    np.testing.assert_allclose(
        (other.r, other.alpha, other.a, other.b),
        (model.r, model.alpha * 7, model.a, model.b),
        rtol=1e-5,
    )
    assert other_fit.log_likelihood == pytest.approx(
        fit.log_likelihood - 2_457 * np.log(7), abs=1e-4
    )
    np.testing.assert_allclose(
        other.expected_purchases(in_days, 273), model.expected_purchases(weeks, 39), rtol=1e-4
    )


def test_gamma_gamma_is_the_published_fit() -> None:
    """Fader & Hardie (2013), section 4."""
    seen = cdnow.summary()
    has = seen.frequency > 0
    model, fit = gamma_gamma.fit(seen.frequency[has], seen.value[has])
    assert fit.status == "converged"
    np.testing.assert_allclose((model.p, model.q, model.gamma), (6.25, 3.74, 15.44), rtol=0.01)
    assert fit.log_likelihood == pytest.approx(-4_055.92, abs=0.01)


def test_expected_purchases_are_those_of_the_papers_formula() -> None:
    """Equation (10), with its hypergeometric function, where that can be computed."""
    seen = cdnow.summary()
    model, _ = bgnbd.fit(seen)
    x, t_x, age, ahead = seen.frequency, seen.recency, seen.age, 39.0
    grown = model.alpha + age + ahead
    series = hyp2f1(model.r + x, model.b + x, model.a + model.b + x - 1, ahead / grown)
    top = (
        (model.a + model.b + x - 1)
        / (model.a - 1)
        * (1 - ((model.alpha + age) / grown) ** (model.r + x) * series)
    )
    odds = np.where(
        x > 0,
        model.a
        / (model.b + np.maximum(x, 1) - 1)
        * ((model.alpha + age) / (model.alpha + t_x)) ** (model.r + x),
        0.0,
    )
    np.testing.assert_allclose(model.expected_purchases(seen, ahead), top / (1 + odds), atol=1e-8)
    np.testing.assert_allclose(model.p_alive(seen), 1 / (1 + odds), atol=1e-12)


def test_the_hold_out_is_forecast_beside_the_truth(
    record_property: pytest.RecordProperty,
) -> None:
    """39 weeks ahead: 1,653 expected beside 1,882 that came, 12 % too few."""
    customer, day, _ = cdnow.log()
    seen = cdnow.summary()
    model, _ = bgnbd.fit(seen)
    expected = model.expected_purchases(seen, 39.0)
    later = np.unique(np.column_stack([customer, day])[day > cdnow.days(cdnow.END)], axis=0)
    buyers, counts = np.unique(later[:, 0], return_counts=True)
    truth = np.zeros(len(seen))
    truth[buyers - 1] = counts
    assert (int(truth.sum()), len(buyers)) == (1_882, 684)
    record_property("expected", round(float(expected.sum()), 1))
    assert expected.sum() == pytest.approx(1_653.4, abs=1.0)
    assert abs(expected.sum() / truth.sum() - 1) < 0.15
    # By customer it is nearer than "as many as before, in as long a time".
    naive = seen.frequency / seen.age * 39.0
    errors = {"model": np.abs(expected - truth).mean(), "naive": np.abs(naive - truth).mean()}
    record_property("mean absolute errors", {k: round(float(v), 4) for k, v in errors.items()})
    assert errors["model"] < errors["naive"]
    # And those it calls gone are gone.
    alive = model.p_alive(seen)[seen.frequency > 0]
    came = truth[seen.frequency > 0] > 0
    shares = (float(came[alive < 0.3].mean()), float(came[alive > 0.8].mean()))
    record_property("came, of those below 0.3 and above 0.8", shares)
    assert shares[0] < 0.35 < 0.6 < shares[1]


def test_pareto_nbd_is_the_published_fit() -> None:
    """Fader, Hardie & Lee (2005), table 2."""
    seen = cdnow.summary()
    model, fit = pareto.fit(seen)
    assert fit.status == "converged"
    found = (model.r, model.alpha, model.s, model.beta)
    np.testing.assert_allclose(found, (0.553, 10.578, 0.606, 11.669), rtol=0.002)
    assert fit.log_likelihood == pytest.approx(-9_595.0, abs=0.05)
