"""The pages of a suggestion box: server-rendered, no script, no cookie, nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawlers.push.reception.sources import SuggestionsSource
from crawlers.push.reception.suggestion import LONGEST_TITLE, Written

TEMPLATES = Path(__file__).parent / "templates"
BOX = "意见箱"


def form_page(source: SuggestionsSource, token: str, written: Written, wrong: Mapping[str, str]) -> str:
    """Writes the form with what was typed. `wrong` has a sentence by field; under "page" one above the form."""
    facts = {"token": token, "written": written, "wrong": wrong, "longest": source.longest}
    return _render("form.html", source, facts | {"longest_title": LONGEST_TITLE})


def thanks_page(source: SuggestionsSource, number: str) -> str:
    """Writes the page that says that it has arrived, and under which number."""
    return _render("thanks.html", source, {"number": number})


def trouble_page(words: str) -> str:
    """Writes a page that only says what is the matter, in a sentence."""
    return _environment().get_template("trouble.html").render(name=BOX, intro="", style=_style(), words=words)


@cache
def policy() -> str:
    """Builds the pages' content security policy: our style sheet by its hash, forms to ourselves, nothing else."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def _render(template: str, source: SuggestionsSource, facts: Mapping[str, object]) -> str:
    told = {"name": source.name or BOX, "intro": source.intro, "style": _style()}
    return _environment().get_template(template).render({**told, **facts})


@cache
def _style() -> str:
    return (TEMPLATES / "box.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
