"""`summary.html`: what a campaign came to, in one file without scripts."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from ground.report.html import template_file
from ground.report.tables import table
from sil.campaign.figures import Figures, Spread
from sil.campaign.histogram import svg
from sil.campaign.plan import SCENARIO_FILE
from sil.campaign.rows import ERROR, FAILED, PASSED, Row

SUMMARY_FILE: Final = "summary.html"
MOST_SEEDS: Final = 10
MOST_RUNS: Final = 500
_PAGE: Final = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}
code { background: #f2f2f2; padding: 1px 4px; }
</style>
</head>
<body>
<header>${verdict}<h1>${title}</h1><p>${details}</p></header>
<nav><a href="#failures">Failures</a><a href="#spreads">Distributions</a><a href="#margins">Margins</a>
<a href="#runs">Runs to replay</a><a href="#origin">Origin</a></nav>
<section id="failures"><h2>Failures, what broke most often first</h2>${failures}</section>
<section id="spreads"><h2>Distributions</h2>${spreads}<h3>Final modes</h3>${modes}</section>
<section id="margins"><h2>Margins of the safety properties</h2>
<p class="quiet">1: nothing came near; 0: the limit; below 0: broken.
Runs that did not put it to the test are left out.</p>
${margins}</section>
<section id="runs"><h2>Runs that did not pass</h2>${runs}</section>
<section id="origin"><h2>Origin</h2>${origin}</section>
</body>
</html>
""")


def replay(out: Path, seed: int) -> str:
    """The command that flies one run of the campaign again, and judges it by the same."""
    return f"rahi sil {shlex.quote(str(out / SCENARIO_FILE))} --seed {seed}"


def page(figures: Figures, out: Path) -> str:
    """The whole text."""
    plan = figures.plan
    word = "passed" if figures.all_passed else "failed" if figures.whole else "unfinished"
    parts = {
        "title": escape(f"Campaign {plan.name}: {len(figures.rows)} of {plan.n} runs"),
        "details": escape(_details(figures)),
        "verdict": f'<span class="verdict {word}">{word.upper()}</span>',
        "style": template_file("report.css"),
        "failures": table(
            ("kind", "what", "runs", "share", "worst run", "seeds", "replay the worst"),
            [
                (
                    failure.kind,
                    failure.name,
                    str(len(failure.seeds)),
                    f"{100.0 * len(failure.seeds) / max(1, len(figures.rows)):.1f} %",
                    failure.text,
                    _seeds(failure.seeds),
                    replay(out, failure.seeds[0]),
                )
                for failure in figures.failures
            ],
            ["bad"] * len(figures.failures),
        ),
        "spreads": _spreads(figures.spreads),
        "modes": _modes(figures.rows),
        "margins": _margins(figures, out),
        "runs": _runs(figures, out),
        "origin": _origin(figures),
    }
    return _PAGE.substitute(parts)


def _details(figures: Figures) -> str:
    counts = ", ".join(f"{figures.count(verdict)} {verdict}" for verdict in (PASSED, FAILED, ERROR))
    last = figures.plan.seeds[-1]
    return f"{counts}; seeds {figures.plan.seed} to {last}; judged by {len(figures.plan.properties)} safety properties"


def _seeds(seeds: tuple[int, ...]) -> str:
    more = f" and {len(seeds) - MOST_SEEDS} more" if len(seeds) > MOST_SEEDS else ""
    return ", ".join(map(str, seeds[:MOST_SEEDS])) + more


def _spreads(spreads: Iterable[Spread]) -> str:
    return "".join(
        f"<figure><figcaption>{escape(spread.title)}</figcaption>{svg(spread.title, spread.values)}"
        f"{table(_SHARES, [_shares(spread)])}</figure>"
        for spread in spreads
    )


_SHARES: Final = ("least", "5 %", "median", "95 %", "most")


def _shares(spread: Spread) -> tuple[str, ...]:
    return tuple(f"{spread.at(share):.4g}" for share in (0.0, 0.05, 0.5, 0.95, 1.0))


def _modes(rows: Iterable[Row]) -> str:
    counts = Counter(row.final_mode for row in rows if row.final_mode is not None)
    return table(("mode", "runs"), [(mode, str(count)) for mode, count in sorted(counts.items())])


def _margins(figures: Figures, out: Path) -> str:
    return table(
        ("property", "tested in", *_SHARES, "replay the least"),
        [
            (item.spread.name, str(len(item.spread.values)), *_shares(item.spread), replay(out, item.seed))
            for item in figures.margins
        ],
        ["bad" if item.spread.values[0] < 0.0 else "" for item in figures.margins],
    )


def _runs(figures: Figures, out: Path) -> str:
    bad = [row for row in figures.rows if row.verdict != PASSED]
    lines = [(str(row.seed), row.verdict, _why(row), replay(out, row.seed)) for row in bad[:MOST_RUNS]]
    more = len(bad) - MOST_RUNS
    text = table(("seed", "verdict", "what", "replay"), lines, ["bad"] * len(lines))
    return text if more <= 0 else f'{text}<p class="quiet">and {more} more in results.sqlite</p>'


def _why(row: Row) -> str:
    return row.error or "; ".join(_reasons(row))


def _reasons(row: Row) -> Iterator[str]:
    if row.broken is not None:
        yield f"{row.broken} broken first"
    if row.unmet:
        yield f"{row.unmet} expectations not met"


def _origin(figures: Figures) -> str:
    identity = figures.plan.identity
    names = identity.__struct_fields__
    return table(("", ""), [(name.replace("_", " "), str(getattr(identity, name))) for name in names])
