"""Tables of models and coefficient plots: what stands in them, in every format."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import typst

from analysis.errors import EstimationError, UsageError
from analysis.estimation.regression_result import RegressionResult
from analysis.exhibits.figures_coefficients import plot_coefficients
from analysis.exhibits.model_table import model_table


def result(names=("exposure", "a_control"), estimates=(0.5, -1.25), errors=(0.2, 0.5), **words):
    settings = {
        "model": "two-way fixed effects",
        "outcome": "votes_share",
        "measured_in": "share",
        "names": tuple(names),
        "estimates": np.array(estimates),
        "covariance_matrix": np.diag(np.square(errors)),
        "df": 17.0,
        "level": 0.95,
        "n_obs": 4898,
        "n_units": 153,
        "years": (1990, 2023),
        "effects": ("unit", "year"),
        "covariance": "dyadic-cluster-robust over 18 states & more",
        "r2s": {"R2": 0.8731},
    }
    return RegressionResult(**(settings | words))


@pytest.fixture
def table():
    second = result(
        names=("exposure",), estimates=(0.75,), errors=(0.25,), effects=("year",), n_obs=4745
    )
    return model_table({"levels": result(), "changes": second})


def test_statistics_p_and_intervals_are_those_of_students_t():
    """Any table of t with 17 df: 2.110 at 5 %, 2.898 at 1 %, two-sided."""
    found = result(estimates=(0.2 * 2.110, -0.5 * 2.898)).to_frame()

    assert found["statistic"].to_list() == pytest.approx([2.110, -2.898])
    assert found["p_value"].to_list() == pytest.approx([0.05, 0.01], abs=2e-5)
    assert found.loc["exposure", "conf_low"] == pytest.approx(0.0, abs=1e-4)


def test_a_joint_test_of_one_term_is_its_t_squared():
    f, p = result().wald(["exposure"])

    assert f == pytest.approx(6.25)
    assert p == pytest.approx(result().p_values[0])


def test_a_result_prints_what_how_many_and_how_on_every_run():
    text = result(notes=("Mind the gap.",)).summary()

    assert text == result(notes=("Mind the gap.",)).summary()
    assert "votes_share in share: two-way fixed effects; effects of unit and year" in text
    assert "4898 observations, 153 units, 1990-2023; 95 % intervals" in text
    assert text.endswith("Mind the gap.\nStatus: shown, does not decide.")
    assert "&amp; more" in result()._repr_html_()
    assert "| exposure | 0.5 |" in result()._repr_markdown_()


def test_a_variance_of_zero_is_refused():
    with pytest.raises(EstimationError, match="variance of a_control is not positive"):
        result(errors=(0.2, 0.0))


def test_models_stand_side_by_side(table):
    assert table.to_frame().to_numpy().tolist()[:4] == [
        ["0.50", "0.75"],
        ["(0.20)", "(0.25)"],
        ["−1.25", ""],
        ["(0.50)", ""],
    ]
    fit = table.to_frame()
    assert fit.loc["Effects of unit"].to_list() == ["yes", "no"]
    assert fit.loc["Observations"].to_list() == ["4,898", "4,745"]
    assert fit.loc["R2"].to_list() == ["0.873", "0.873"]


def test_the_note_says_how_standard_errors_are_made_and_what_decides(table):
    assert table.note == (
        "Standard errors in brackets: dyadic-cluster-robust over 18 states & more.",
        "Status: shown, does not decide.",
    )
    other = result(covariance="clustered by 153 units")
    mixed = model_table({"one": result(), "two": other})
    assert "two: clustered by 153 units." in mixed.note
    noted = model_table({"one": result(notes=("Few states.",)), "two": result()})
    assert "one: Few states." in noted.note


def test_stars_stand_only_where_they_are_asked_for(table):
    starred = model_table({"levels": result()}, stars=True)

    assert "*" not in table.to_text()
    assert starred.coefficients[0] == ("exposure", "0.50*")
    assert starred.coefficients[2] == ("a_control", "−1.25*")
    assert "* p < .05, ** p < .01, *** p < .001, two-sided." in starred.note


def test_decimals_follow_the_smallest_standard_error():
    small = result(estimates=(0.00123456, 1234.5), errors=(0.00021, 120.0))
    rows = model_table({"one": small}).coefficients

    assert (rows[0][1], rows[1][1]) == ("0.00123", "(0.00021)")
    assert (rows[2][1], rows[3][1]) == ("1,234", "(120)")


def test_terms_can_be_chosen_and_called_otherwise():
    table = model_table(
        {"one": result()}, terms=["a_control"], labels={"a_control": "Wealth"}, intervals=True
    )

    assert [row[0] for row in table.coefficients] == ["Wealth", ""]
    assert table.coefficients[1][1] == "[−2.30 to −0.20]"  # 1.25 -+ 2.1098 * 0.5
    with pytest.raises(UsageError, match="No model has the term"):
        model_table({"one": result()}, terms=["wealth"])
    with pytest.raises(UsageError, match="needs a model"):
        model_table({})


def test_every_format_holds_every_cell(table):
    cells = ["0.50", "(0.20)", "1.25", "4,898", "yes"]
    for text in (table.to_text(), table.to_markdown(), table.to_html(), table.to_latex()):
        assert all(cell in text for cell in cells)
    assert len(set(map(len, re.findall(r"(?m)^-+$", table.to_text())))) == 1


def test_html_is_well_formed_and_escaped(table):
    root = ElementTree.fromstring(table.to_html())

    assert len(root.findall(".//tbody/tr")) == len(table.to_frame())
    assert "states &amp; more" in table.to_html()


def test_latex_escapes_its_signs(table):
    text = table.to_latex()

    assert r"a\_control" in text
    assert r"states \& more" in text
    assert "$-$1.25" in text
    lines = [
        line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line
    ]
    assert all(len(re.findall(r"(?<!\\)&", line)) == 2 for line in lines)


def test_typst_compiles_whatever_a_name_holds():
    awkward = "a_b*c#d$e[f]@g<h>/i//j"
    table = model_table({awkward: result(names=(awkward, "x"))}, stars=True)
    pdf = typst.compile(table.to_typst().encode())

    assert pdf.startswith(b"%PDF")


def test_markdown_has_as_many_cells_in_each_row(table):
    lines = [line for line in table.to_markdown().splitlines() if line.startswith("|")]

    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}


def test_a_coefficient_plot_says_in_words_what_it_shows():
    drawing = plot_coefficients({"levels": result(), "changes": result(names=("exposure", "b"))})

    assert "levels, exposure: 0.50, interval 0.08 to 0.92." in drawing.alt
    assert "changes, b: −1.25" in drawing.alt
    assert (
        drawing.svg
        == plot_coefficients({"levels": result(), "changes": result(names=("exposure", "b"))}).svg
    )
    with pytest.raises(UsageError, match="No model has"):
        plot_coefficients({"levels": result()}, terms=["c"])
    with pytest.raises(UsageError, match="give 1 to 5"):
        plot_coefficients({})
