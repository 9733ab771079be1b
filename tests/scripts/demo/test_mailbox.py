from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP

from scripts.demo.mailbox import Mailbox, open_mailbox, words_of


def test_an_accepted_letter_is_a_file(tmp_path: Path) -> None:
    letter = EmailMessage()
    letter["Message-ID"], letter["Subject"] = "<1.a@example.com>", "舆情"
    letter.set_content("正文")
    with open_mailbox(tmp_path / "letters") as mailbox:
        with SMTP("127.0.0.1", mailbox.port, timeout=10) as connection:
            connection.send_message(letter, "a@example.com", ["li.qiang@example.com"])
        kept = [path.name for path in (tmp_path / "letters").iterdir()]
    assert kept == ["01-li.qiang.eml"]
    assert [one["Subject"] for one in mailbox.letters] == ["舆情"]


def test_the_newest_letter_to_somebody_is_found_and_read(tmp_path: Path) -> None:
    letters = []
    for to, words in (("zhang.min", "一"), ("li.qiang", "二"), ("zhang.min", "三")):
        letter = EmailMessage()
        letter["To"] = f"{to}@example.com"
        letter.set_content(words)
        letters.append(letter)
    mailbox = Mailbox(tmp_path, letters=letters)
    assert words_of(mailbox.newest("zhang.min@example.com")).strip() == "三"
    assert words_of(mailbox.newest("li.qiang@example.com")).strip() == "二"
