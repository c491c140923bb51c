"""docs/scenarios.md: its example flies and passes, its snippets are read, and it leaves no key out."""

import re
from pathlib import Path

import msgspec
import pytest

from hal.api.config import ConfigError
from sil import scenario
from sil.loader import decode_scenario, load_scenario
from sil.run import run
from sil.scenario_text import to_toml
from telemetry_defs.definitions import FailureCode

GUIDE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[0]
SECTIONS = [item for item in vars(scenario).values() if isinstance(item, type) and item.__module__ == scenario.__name__]


def test_the_example_passes() -> None:
    """As the page says, as it stands."""
    result = run(decode_scenario(EXAMPLE, "five_wheels.toml"))
    assert [verdict for verdict in result.expectations if not verdict.passed] == []
    assert len(result.expectations) == 6


def test_the_example_would_fail_without_its_fault() -> None:
    """It is the jammed wheel that it tests."""
    whole = msgspec.structs.replace(decode_scenario(EXAMPLE, "five_wheels.toml"), fault=())
    assert not run(whole).passed


def test_every_expectation_of_the_page_is_read() -> None:
    """The indented ones, one of each form."""
    snippets = re.findall(r"(?:^    [^ ].*\n)+", GUIDE, re.MULTILINE)
    expectations = "".join(part for part in snippets if part.startswith("    [[expect]]"))
    tables, _, _ = EXAMPLE.partition("# It notices")
    read = decode_scenario(tables + expectations, "forms.toml").expect
    used = {form for item in read for form in scenario.FORMS if getattr(item, form) is not None}
    assert used == set(scenario.FORMS)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_no_key_is_left_out(section: type) -> None:
    """Every key of every table stands in the page."""
    for field in msgspec.structs.fields(section):
        places = (rf"`{field.name}[`\s]", rf"`\[+{field.name}\]+`", rf"^    {field.name} = ")
        assert any(re.search(place, GUIDE, re.MULTILINE) for place in places), field.name


def test_every_failure_code_is_named() -> None:
    """They are what `refused` takes."""
    assert [code.name for code in FailureCode if f"`{code.name}`" not in GUIDE] == []


def test_a_product_of_no_instrument_is_refused() -> None:
    """Rather than never seen."""
    with pytest.raises(ConfigError, match="did you mean 'camera'"):
        decode_scenario(EXAMPLE + '[[expect]]\nproduct = "camara"\n', "x.toml")


def test_a_scenario_as_run_is_read_back() -> None:
    """What a result folder keeps can be flown again."""
    shipped = load_scenario("first_drive")
    assert decode_scenario(to_toml(shipped, shipped.seed), "again.toml") == shipped
