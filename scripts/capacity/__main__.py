"""`python -m scripts.capacity measure|table`: unit costs of this machine, and what rates of posts would take."""

import json
import platform
from dataclasses import asdict, fields
from pathlib import Path

import click

from scripts.capacity.costs import Assumed, Costs, Needs, needs
from scripts.capacity.measure import index_costs, log_costs, posts, score_cost
from scripts.engines.process import Server
from tests.engines import noted

MEASURED = Path(__file__).parent / "measured.json"
RATES = (10_000, 100_000, 1_000_000)


@click.group()
def main() -> None:
    """Capacity by arithmetic over measured unit costs."""


@main.command()
@click.option("--configs", type=click.Path(path_type=Path), default="configs/example", help="Whose topics are matched.")
def measure(configs: Path) -> None:
    """Measure the unit costs on this machine and the engines of `make engines`; writes measured.json."""
    kafka, elastic = noted("WENFENG_TEST_KAFKA"), noted("WENFENG_TEST_ELASTIC")
    if kafka is None or elastic is None:
        raise click.ClickException("no engines to measure: make engines")
    scored = posts()
    found = log_costs(scored, kafka, Server(Path("var/engines/kafka").resolve())) | index_costs(scored, elastic)
    costs = Costs(where=_where(), score_ms=score_cost(scored, configs), **found)
    MEASURED.write_text(json.dumps(asdict(costs), indent=2) + "\n", "utf-8")
    click.echo(MEASURED.read_text("utf-8"))


@main.command()
def table() -> None:
    """Print what 10 k, 100 k and 1 M posts a second take, as Markdown."""
    costs, assumed = Costs(**json.loads(MEASURED.read_text("utf-8"))), Assumed()
    columns = [needs(rate, costs, assumed) for rate in RATES]
    click.echo("| | " + " | ".join(f"{one.rate:,} posts/s" for one in columns) + " |")
    click.echo("|---|" + "---:|" * len(columns))
    for field in fields(Needs)[1:]:
        values = [getattr(one, field.name) for one in columns]
        told = (f"{value:,.3g}" if isinstance(value, float) else f"{value:,}" for value in values)
        click.echo(f"| {field.name.replace('_', ' ')} | " + " | ".join(told) + " |")


def _where() -> str:
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{model[0].partition(': ')[2] if model else platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
