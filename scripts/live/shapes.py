"""Texts in the shapes in which people write them, as WordPress and as NodeBB are given them; all made up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from html import escape

_MARKS = re.compile(r"([\\`*_{}\[\]<>#+\-!|~])")  # what Markdown would read as more than itself
_FENCE = "```"


class Form(Enum):
    """How a piece of a text stands there."""

    PLAIN = auto()
    BOLD = auto()
    LINK = auto()
    LIST = auto()  # a line each
    QUOTE = auto()  # of somebody who is not named: it is the writer's own choice
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of a text: `words` are what a reader sees of it."""

    words: str
    form: Form = Form.PLAIN


Text = tuple[Piece, ...]


def words_of(text: Text) -> str:
    """Tells what a reader sees."""
    return "\n".join(piece.words for piece in text)


def as_html(text: Text) -> str:
    """Writes a text as an editor of WordPress stores it."""
    return "\n\n".join(_html(piece) for piece in text)


def as_markdown(text: Text) -> str:
    """Writes a text as somebody types it into NodeBB."""
    return "\n\n".join(_markdown(piece) for piece in text)


def plain(words: str) -> Text:
    """Makes a text of one block."""
    return (Piece(words),)


def _html(piece: Piece) -> str:
    words = escape(piece.words, quote=False)
    broken = words.replace("\n", "<br />\n")
    match piece.form:
        case Form.BOLD:
            return f"<p><strong>{broken}</strong></p>"
        case Form.LINK:
            return f'<p><a href="https://www.example.invalid/notice?a=1&amp;b=2">{broken}</a></p>'
        case Form.LIST:
            rows = "".join(f"<li>{row}</li>" for row in words.splitlines())
            return f"<ul>{rows}</ul>"
        case Form.QUOTE:
            return f"<blockquote><p>{broken}</p></blockquote>"
        case Form.CODE:
            return f"<pre><code>{words}</code></pre>"
        case Form.PLAIN:
            return f"<p>{broken}</p>"


def _markdown(piece: Piece) -> str:
    words = _MARKS.sub(r"\\\1", piece.words)
    match piece.form:
        case Form.BOLD:
            return f"**{words}**"
        case Form.LINK:
            return f"[{words}](https://www.example.invalid/notice?a=1&b=2)"
        case Form.LIST:
            return _each(words, "* ")
        case Form.QUOTE:
            return _each(words, "> ")
        case Form.CODE:
            return f"{_FENCE}\n{piece.words}\n{_FENCE}"
        case Form.PLAIN:
            return words


def _each(words: str, mark: str) -> str:
    return "\n".join(mark + row for row in words.splitlines())


def _long(sentence: str, characters: int) -> str:
    paragraph = sentence * 8
    return "\n".join(f"第{number}段：{paragraph}" for number in range(1, characters // len(paragraph) + 1))


SHAPES: Sequence[Text] = (
    plain("小区又停水了，打热线没人接。"),
    plain("㐂事：镕基堃淼犇羴鱻龘㙟䶮，这些字在GBK里有的有、有的没有。"),
    plain("𠮷野家的𰻝𰻝面，㎡按㎏卖？‰和℃都标错了，①②③ Ⅷ ㈠ ㊣ ℡ № ½"),
    plain("怎么又涨价😡😡👎🏽 一家人👨‍👩‍👧‍👦都在等说法🇨🇳 第1️⃣次就算了 ❤️"),
    plain("他说“马上修”，“马上”是‘三天’？——结果等了……一周。"),
    plain('A "quoted" word, it\'s 5 < 6 & 7 > 3; <b>不是标签</b>，价格3*4=12元，变量a_b_c，路径C:\\temp\\log'),
    plain("ＡＢＣ１２３　全角空格，半角 ABC 123，﹏﹋、〖〗【】『』「」"),
    plain("第一行\n第二行：缴费截止到12月31日23:59\n第三行"),
    plain("Café naïve, 안녕하세요, こんにちは, Привет, สวัสดี"),
    plain("6666"),
    plain("😡"),
    plain("。。。。。。"),
    (
        Piece("报错是这样的："),
        Piece('<?php if ($a && $b < 3) {\n    echo "欠费\\n";  // 两个空格\n}\n# 一行注释 -- 不是标题', Form.CODE),
        Piece("谁能看看？"),
    ),
    (
        Piece("通知原文如下"),
        Piece("因检修，12月31日22:00至次日2:00停气。\n请互相转告。", Form.QUOTE),
        Piece("又是半夜！"),
    ),
    (Piece("诉求三条"), Piece("退还多收的电费\n公布检修计划\n热线有人接", Form.LIST), Piece("落款：一名老用户")),
    (Piece("紧急！！！", Form.BOLD), Piece("看这里的公告", Form.LINK), Piece("别光看标题。")),
    plain(_long("这件事前前后后打了很多次电话，每一次都让等通知，等来的却是又一次涨价。", 6_000)),
    # WordPress keeps 65,535 bytes of a comment, and a third as many Chinese characters.
    plain(_long("长文测试，超过两万字的部分会被截断，但不能丢掉这一条。", 20_500)),
)
