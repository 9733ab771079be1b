"""Sentences from the files in wording/: slots filled, heads and tails varied, no sentence said twice."""

from pathlib import Path
from random import Random
from re import sub
from typing import Any

from yaml import safe_load

WORDING = Path(__file__).parent / "wording"
MOODS = ("negative", "neutral", "positive")
TRIES = 40


def wording(name: str) -> Any:
    """One file of wording/ as it stands."""
    return safe_load((WORDING / f"{name}.yml").read_text("utf-8"))


class Sentences:
    """Draws wording with one source of chance; remembers what was said."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._slots: dict[str, list[str]] = wording("slots")
        self._anywhere = wording("anywhere")
        self._said: set[str] = set()

    def opening(self, openings: list[dict[str, str]]) -> tuple[str, str, str]:
        """Title, text and mood of a new thread; the same slot has the same filling in title and text."""
        for _ in range(TRIES):
            opening = self._chance.choice(openings)
            filling = {name: self._chance.choice(words) for name, words in self._slots.items()}
            title, text = opening["title"].format_map(filling), opening["text"].format_map(filling)
            if text not in self._said:
                break
        self._said.add(text)
        return title, text, opening.get("mood", "neutral")

    def reply(self, replies: dict[str, list[str]], mood: str) -> str:
        """A reply of that mood, now and then followed by a second thought."""
        for _ in range(TRIES):
            text = self._reply(replies, mood)
            if text not in self._said:
                break
        self._said.add(text)
        return text

    def _reply(self, replies: dict[str, list[str]], mood: str) -> str:
        chance = self._chance
        if mood == "neutral" and chance.random() < 0.06:
            return str(chance.choice(self._anywhere["neutral"]))
        parts = [chance.choice(replies[mood])]
        if chance.random() < 0.3:
            parts.append(chance.choice(replies[mood if chance.random() < 0.7 else "neutral"]))
        head, tail = (chance.choice(self._anywhere[side][mood]) for side in ("heads", "tails"))
        return self._filled(head + "。".join(dict.fromkeys(parts)) + tail)

    def _filled(self, text: str) -> str:
        return sub(r"\{(\w+)\}", lambda slot: self._chance.choice(self._slots[slot[1]]), text)
