"""The page of a report, in the order of the design: verdict first, numbers, trust, origin."""

from flask import render_template, url_for

from api.i18n import current_language, gettext
from api.pages.figures import Figures, lift_of, reader_figures
from api.pages.forest import Plot, plots
from api.pages.speech import Speech
from api.pages.verdicts import standing, tone_of
from experiments.registry.experiment import Experiment
from experiments.registry.lifecycle import legal_actions
from experiments.reporting.report import Comparison, Goal, Report
from experiments.reporting.wording import say_withheld


def report_page(experiment: Experiment, report: Report) -> str:
    """The whole page."""
    figures, speech = reader_figures(), Speech(report, current_language())
    drawn = plots(report, figures)
    return render_template(
        "report.html",
        experiment=experiment,
        report=report,
        said=speech.verdict(),
        speech=speech,
        tone=tone_of(report),
        stand=standing(report),
        withheld_because=say_withheld(report, current_language()),
        lift_of=lift_of,
        plots=drawn,
        plot_note=_note(report),
        plot_description=describe(report, figures),
        drawn=_legend(drawn),
        kpi_names={goal.kpi: figures.short_name(goal) for goal in report.goals},
        moves=legal_actions(experiment.state),
        documents=_documents(experiment.key),
    )


def describe(report: Report, figures: Figures) -> str:
    """The drawing in words, for those who cannot see it."""
    lines = [
        f"{figures.short_name(goal)}, {entry.name}: {_row(report, figures, goal, entry)}"
        for goal in report.goals
        for entry in goal.comparisons
    ]
    return ". ".join(lines)


def _documents(key: str) -> list[tuple[str, str]]:
    address = "reports.report"
    return [
        ("JSON", url_for(address, key=key)),
        (gettext("Text"), url_for(address, key=key, format="text", lang=current_language())),
    ]


def _row(report: Report, figures: Figures, goal: Goal, entry: Comparison) -> str:
    if report.withheld:
        return say_withheld(report, current_language())
    if entry.difference is None:
        return figures.gap(entry)
    between = figures.between(goal, lift_of(report, entry))
    return f"{figures.difference(goal, entry.difference)} ({between})"


def _note(report: Report) -> str:
    if report.withheld:
        return say_withheld(report, current_language())
    return "" if report.final else gettext("so far, may still change")


def _legend(drawn: list[Plot]) -> dict[str, bool]:
    """Which signs the drawing uses."""
    panels = drawn[0].panels if drawn else ()
    kinds = {mark.kind for panel in panels for mark in panel.marks}
    return {
        "band": any(panel.band for panel in panels),
        "target": "target" in kinds,
        "limit": "limit" in kinds,
        "thin": any(bar.inner != bar.outer for panel in panels for bar in panel.bars),
    }
