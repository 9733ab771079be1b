from collections.abc import Callable

import pytest

from alerts.terms.texts import Alphabet, alphabet_of, letters_by_author, told_once
from stream.messages import Kind, ScoredPost

Write = Callable[..., ScoredPost]


def words(post: ScoredPost) -> str:
    (told,) = told_once([post])
    return told.words


def test_a_threads_title_is_said_by_who_began_it_and_not_by_who_answers(write: Write) -> None:
    assert words(write(1, "没人管", title="停电", kind=Kind.THREAD)) == "停 电 | 没 人 管"
    assert words(write(1, "没人管", title="停电", kind=Kind.REPLY)) == "没 人 管"
    assert words(write(1, "停电没人管", title="停电", kind=Kind.ARTICLE)) == "停 电 没 人 管"


@pytest.mark.parametrize(
    "text", ["停电 @张小明 快看", "停电＠张小明 快看", "停电https://t.cn/A6xyz快看", "停电 www.example.com/a?b=1 快看"]
)
def test_who_is_spoken_to_and_addresses_are_no_words(write: Write, text: str) -> None:
    assert words(write(1, text)) == "停 电 | 快 看"


def test_copies_of_a_text_are_told_once_and_short_ones_are_no_copies(write: Write) -> None:
    long, short = "滨江路电缆沟塌了一大块没人管", "又停电了"
    copies = [write(n, long, fingerprint="1" * 16) for n in range(4)]
    assert [told.post.id for told in told_once(copies)] == [copies[0].id]
    assert len(list(told_once(write(n, short, fingerprint="2" * 16) for n in range(4)))) == 4


def test_without_a_voice_an_author_is_one_by_himself(write: Write) -> None:
    posts = [write(1, "停电", voice=None), write(2, "断电", voice=None), write(3, "来电", voice="a" * 32)]
    assert [told.author for told in told_once(posts)] == [posts[0].id, posts[1].id, "a" * 32]


def test_what_an_author_wrote_stands_together_and_parted(write: Write) -> None:
    posts = [write(1, "停电", voice="a" * 32), write(2, "来电", voice="b" * 32), write(3, "断电", voice="a" * 32)]
    told = list(told_once(posts))
    assert letters_by_author(told, Alphabet([])) == ["停电|断电", "来电"]


def test_a_word_of_latin_letters_is_one_letter_and_is_read_as_it_was() -> None:
    alphabet = Alphabet(["app", "customer", "service", "95598"])
    written = alphabet.write("打 95598 没 人 接 app 闪 退 customer service")
    assert len(written) == len("打X没人接X闪退XX")
    assert alphabet.read(written) == "打95598没人接app闪退customer service"


def test_a_word_without_a_letter_parts_terms_and_so_does_an_emoji() -> None:
    assert Alphabet(["app"]).write("停 xyz 电 😡 修") == "停|电|修"


def test_only_words_of_enough_authors_have_letters(write: Write) -> None:
    posts = [write(n, "app闪退" if n < 5 else "xyz闪退", voice=f"{min(n, 6):032x}") for n in range(12)]
    alphabet = alphabet_of(list(told_once(posts)), 5)
    assert alphabet.write("app xyz") == Alphabet(["app"]).write("app") + "|"


@pytest.mark.parametrize(
    ("word", "weak"), [("了", True), ("电", False), ("12", True), ("95598", False), ("app", False)]
)
def test_function_words_and_counts_end_no_term(word: str, weak: bool) -> None:
    alphabet = Alphabet(["12", "95598", "app"])
    assert alphabet.is_weak_end(alphabet.write(word)) is weak


def test_there_are_never_more_letters_than_the_plane_has() -> None:
    alphabet = Alphabet(f"w{n}" for n in range(70_000))
    assert alphabet.write("w65532 w65533 w69999") == chr(0xF0000 + 65532) + "||"
