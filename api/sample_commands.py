"""``truelift sample``: the made-up campaigns as files, whose truth is known."""

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--full", is_flag=True, help="At full size; else as few customers as are shipped.")
@click.option("--scenario", "wanted", multiple=True, help="Only this one; may be given again.")
def sample(folder: Path, full: bool, wanted: tuple[str, ...]) -> None:
    """Write the sample scenarios, each into a folder of its own below FOLDER."""
    from sample_data.generate import SCENARIOS, generate  # noqa: PLC0415 - slow, and needed once

    unknown = [name for name in wanted if name not in SCENARIOS]
    if unknown:
        known = ", ".join(sorted(SCENARIOS))
        message = f"no scenario {unknown[0]!r}; there are {known}"
        raise click.BadParameter(message, param_hint="--scenario")
    for name in wanted or sorted(SCENARIOS):
        customers = None if full else SCENARIOS[name].extract
        generate(name, folder / name, customers)
        click.echo(f"{folder / name}: {customers or SCENARIOS[name].customers} customers")
