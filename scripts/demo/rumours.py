"""Rumours as wording/ has them: how one ferments, and the company's own words on it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from scripts.demo.drafts import OFFICIAL, Cast, Draft, fid
from scripts.demo.oddities import monster
from scripts.demo.world import Stuck


def ferment(rumour: dict[str, Any], begun: datetime, chance: Random, cast: Cast) -> Iterator[Draft]:
    """The rumour: its threads, the crowd's replies, the chain message pasted over and over, edits and deletions."""
    drafts: dict[str, Draft] = {}
    for key, told in rumour["threads"].items():
        post = {"who": cast.member(told["who"]), "at": _after(begun, told["at"], chance), "text": told["text"]}
        if told["text"] == "MONSTER":
            post |= {"text": "", "markup": monster()}
        if edited := told.get("edited"):
            post |= {"edited_at": _after(begun, edited["at"], chance), "edited_text": edited["text"]}
        extra = {"deleted_at": _after(begun, told["gone"], chance)} if "gone" in told else {}
        drafts[key] = Draft(fid(told["board"]), told["title"], [post], None, extra)
    crowd = _endless(cast.crowd, chance)
    replies = [
        (key, minute, text, rumour["replies_gone"].get(number))
        for number, (key, minute, text) in enumerate(rumour["replies"], 1)
    ]
    replies += [(key, minute, text, None) for key, minute, text in rumour["clarification"]["elsewhere"]]
    replies += _copies(rumour, chance)
    for key, minute, text, gone in replies:
        post = {"who": cast.member(next(crowd)), "at": _after(begun, minute, chance), "text": text}
        if gone is not None:
            post["deleted_at"] = _after(begun, gone, chance)
        drafts[key].posts.append(post)
    yield from drafts.values()


def clarification(rumour: dict[str, Any], begun: datetime, chance: Random, cast: Cast) -> Draft:
    """The company's own words, pinned to the top of every board, and what people answer."""
    told = rumour["clarification"]
    crowd = _endless(cast.crowd, chance)
    at = begun + timedelta(minutes=told["at"])
    posts = [{"who": cast.member(OFFICIAL), "at": at, "text": told["text"]}]
    posts += [
        {"who": cast.member(next(crowd)), "at": _after(begun, minute, chance), "text": text}
        for minute, text in told["replies"]
    ]
    return Draft(fid(told["board"]), told["title"], posts, None, {"stuck": Stuck.EVERYWHERE})


def _copies(rumour: dict[str, Any], chance: Random) -> list[tuple[str, int, str, int | None]]:
    told = rumour["copies"]
    texts, places = [rumour["chain"]] * told["verbatim"] + told["near"], told["places"]
    chance.shuffle(texts)
    return [(places[number % len(places)], told["at"] + number // 2, text, None) for number, text in enumerate(texts)]


def _endless(crowd: list[str], chance: Random) -> Iterator[str]:
    while True:
        yield from chance.sample(crowd, len(crowd))


def _after(begun: datetime, minute: int, chance: Random) -> datetime:
    return begun + timedelta(minutes=minute, seconds=chance.randrange(55))
