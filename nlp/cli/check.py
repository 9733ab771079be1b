"""`python -m nlp check-config`."""

from collections.abc import Sequence
from pathlib import Path

import click

from nlp.config import NlpConfig
from nlp.inference.manifest import FILE
from nlp.training.settings import Settings
from stream.cli.options import configs_option, explaining_errors
from stream.matching import Impossible, impossible_rules
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

SHOWN = 5  # words of a rule


@click.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """List every mistake in nlp.yml, topics.yml and training.yml.

    And in other recipes beside it: training-NAME.yml.
    """
    recipes = ["training.yml", *(path.name for path in sorted(configs.glob("training-*.yml")))]
    with explaining_errors():
        configuration = Configuration(configs)
        nlp, topics = configuration.add("nlp.yml", NlpConfig), configuration.add("topics.yml", TopicsConfig)
        for name in recipes:
            configuration.add(name, Settings)
        configuration.check()
    click.echo(f"{', '.join(f'{configs}/{name}' for name in ('nlp.yml', 'topics.yml', *recipes))}: no mistakes")
    for one in impossible_rules(topics()):
        click.echo(f"warning: {configs}/topics.yml: {one.place}: {why_impossible(one)}", err=True)
    for place, doubt in topics().doubts():
        click.echo(f"warning: {configs}/topics.yml: {place}: {doubt}", err=True)
    folder = nlp().model
    if not (folder / FILE).is_file():  # it may be mounted where the stages run and not here
        words = f"there is no {FILE} in {folder} here; a stage would not start"
        click.echo(f"warning: {configs}/nlp.yml: model: {words}", err=True)


def why_impossible(rule: Impossible) -> str:
    """Says which words of a rule exclude one another."""
    wanted, forbidden = _some(rule.wanted), _some(rule.forbidden)
    return (
        f"no post can meet this rule: {rule.of} wants {wanted}, and whatever has that has {forbidden}, which none_of"
        " forbids: take out one of the two"
    )


def _some(words: Sequence[str]) -> str:
    more = len(words) - SHOWN
    return " or ".join(words[:SHOWN]) + (f" or {more} more" if more > 0 else "")
