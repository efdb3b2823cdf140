"""The calculators on the command line: ``truelift analyse`` and ``truelift plan``."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO

import click

FORMATS = click.Choice(("text", "json"))
LANGUAGES = click.Choice(("ko", "en"))


def answered_in(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say how an answer is wanted."""
    for option in (
        click.option("--format", "form", type=FORMATS, default="text", show_default=True),
        click.option("--lang", type=LANGUAGES, default="en", show_default=True),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--counts",
    "counts",
    multiple=True,
    metavar="SUCCESSES/UNITS",
    help="Of each variant, the control first; for rates, in place of a file.",
)
@click.option("--minimum-effect", help="The smallest difference worth knowing of: 0.005.")
@click.option("--margin", help="Makes it a guardrail with this limit: 0.001.")
@click.option("--direction", type=click.Choice(("up", "down")), default="up", show_default=True)
@click.option("--alpha", default="0.05", show_default=True)
@answered_in
def analyse(
    file: BinaryIO | None, counts: tuple[str, ...], form: str, lang: str, **options: str | None
) -> None:
    """Analyse a test from its figures: a JSON FILE as POST /analyse takes it, or --counts."""
    from experiments.calculators.analysis import analyse as answer
    from experiments.calculators.answer import analysis_answer
    from experiments.calculators.text import analysis_text

    document = _document(file) if file else _counted(counts, options)
    from api.schemas.calculators import AnalysisQuestionSchema

    found = answer(_loaded(AnalysisQuestionSchema(), document), now=datetime.now(UTC))
    click.echo(analysis_text(found, lang) if form == "text" else _json(analysis_answer(found)))


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--baseline", help="Of a rate: 0.025; for rates, in place of a file.")
@click.option("--list", "list_size", help="Customers of one blast.")
@click.option("--per-day", "eligible_per_day", help="Customers that enter each day.")
@click.option("--effect", help="Least difference worth showing: 0.005.")
@click.option("--relative-effect", help="The same as a share of the baseline: 0.1.")
@click.option("--units", type=int, help="Customers of the test, all variants together.")
@click.option("--variants", type=click.IntRange(2, 100), default=2, show_default=True)
@click.option("--alpha", default="0.05", show_default=True)
@click.option("--power", default="0.8", show_default=True)
@answered_in
def plan(file: BinaryIO | None, form: str, lang: str, variants: int, **options: Any) -> None:
    """Size a test: a JSON FILE as POST /plan takes it, or a rate and a list by options."""
    from api.schemas.plans import PlanQuestionSchema
    from experiments.calculators.plan import plan as answer
    from experiments.calculators.plan_said import plan_answer, plan_text

    document = _document(file) if file else _planned(variants, options)
    found = answer(_loaded(PlanQuestionSchema(), document))
    click.echo(plan_text(found, lang) if form == "text" else _json(plan_answer(found)))


def _planned(variants: int, options: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in options.items() if value is not None}
    if "baseline" not in given or not {"list_size", "eligible_per_day"} & set(given):
        raise click.UsageError("give a FILE, or --baseline with --list or --per-day")
    shape = "one_blast" if "list_size" in given else "triggered"
    return {"kind": "proportion", "shape": shape, "weights": [1] * variants, **given}


def _counted(counts: tuple[str, ...], options: dict[str, str | None]) -> dict[str, Any]:
    if len(counts) < 2:
        raise click.UsageError("give a FILE, or --counts for two variants or more")
    given = {name: value for name, value in options.items() if value is not None}
    return {"kind": "proportion", "variants": [_variant(each) for each in counts], **given}


def _variant(counted: str) -> dict[str, int]:
    successes, _, units = counted.partition("/")
    try:
        return {"successes": int(successes), "units": int(units)}
    except ValueError as error:
        raise click.BadParameter(
            f"{counted!r} is not SUCCESSES/UNITS", param_hint="--counts"
        ) from error


def _document(file: BinaryIO) -> Any:
    from api.strict_json import JsonRefused, read_json

    try:
        return read_json(file.read())
    except JsonRefused as refusal:
        raise click.ClickException(f"the file is not acceptable JSON: {refusal}") from refusal


def _loaded(schema: Any, document: Any) -> Any:
    """The question, or one line for each field that does not fit."""
    from marshmallow import ValidationError

    from api.errors import flattened

    try:
        return schema.load(document)
    except ValidationError as refusal:
        lines = [f"{field}: {message}" for field, message in flattened(refusal.messages)]
        raise click.ClickException("\n".join(lines)) from refusal


def _json(document: Any) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
