"""Passwords: how they are kept, and which are refused. NIST SP 800-63B, 5.1.1: length, no rules of composition."""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alerts.people.directory import Person

LEAST, MOST = 10, 256  # characters; a sentence is welcome
LEFT = 6  # characters that must be left beside one's own name and the like; set by us
#: Long enough and tried first by whoever guesses; from the heads of published lists of Chinese and other passwords.
_GUESSED = """
1234567890 0123456789 12345678910 123456789a a123456789 aa123456789 abc123456789 qwertyuiop qwerty123456 qwer123456
1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 asdfghjkl123 zxcvbnm123 password123 password1234 passw0rd123 p@ssw0rd123
admin123456 admin12345 iloveyou123 iloveyou1314 woaini1314 woaini5201314 woaini520520 5201314520 1314520520
1122334455 9876543210 0987654321 1357924680 147258369a asd123456789 qq123456789 wang123456 zhang123456 welcome123
letmein123 test123456 root123456 administrator 88888888abc 66668888aa abcd123456 abcdefghij a1b2c3d4e5
"""
COMMON = frozenset(_GUESSED.split())
AT_ONCE = BoundedSemaphore(2)  # a hash takes 64 MiB: many who sign in at once wait for each other

_HASHER = PasswordHasher()  # argon2id as RFC 9106 has it for little memory


def wrong_password(typed: str, person: Person, key: str, organisation: str) -> str:
    """Says why a new password is refused; "" where it is not."""
    folded = normalize("NFKC", typed).casefold()
    if len(folded) < LEAST:
        return f"密码至少 {LEAST} 个字符，可以是一句话"
    if len(typed) > MOST:
        return f"密码最多 {MOST} 个字符"
    if folded in COMMON or len(set(folded)) <= 2 or _runs(folded):
        return "此密码过于常见，容易被猜中，请换一个"
    own = next((word for word in _own_words(person, key, organisation) if word in folded), None)
    if own is not None and len(folded.replace(own, "")) < LEFT:
        return "密码不能以姓名、工号、邮箱或单位名称为主，请换一个"
    return ""


def hash_password(typed: str) -> str:
    """Makes what is kept of a password: its argon2 hash."""
    with AT_ONCE:
        return _HASHER.hash(_normal(typed))


def is_password(kept: str | None, typed: str) -> bool:
    """Tells whether that is the password; takes as long where there is none to compare with."""
    with AT_ONCE:
        try:
            _HASHER.verify(kept if kept is not None else _nobody(), _normal(typed))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Tells whether the hash was made under other parameters than those of now."""
    return _HASHER.check_needs_rehash(kept)


def _normal(typed: str) -> str:
    """Writes what was typed in one way, whatever keyboard it came from; half a surrogate pair is no reason to fail."""
    return normalize("NFKC", typed[: MOST + 1]).encode("utf-8", "replace").decode()


def _runs(folded: str) -> bool:
    """Tells whether it is one run of neighbours, up or down, as 23456789012."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(folded)}
    return folded.isdecimal() and steps in ({1}, {9})


def _own_words(person: Person, key: str, organisation: str) -> Iterable[str]:
    local = (person.email or "").partition("@")[0]
    words = (person.name, key, local, organisation, key.replace("_", ""), local.replace(".", ""), "wenfeng", "闻风")
    return (normalize("NFKC", word).casefold() for word in words if len(word) > 1)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")
