from collections.abc import Callable

from alerts.casefile.wave.folding import commonest, fold_posts
from stream.messages import ScoredPost

Write = Callable[..., ScoredPost]


def test_copies_and_near_copies_are_one_group_and_the_largest_stands_first(write: Write) -> None:
    copies = [write(n, "听说变电站爆炸死了三个人，消息被压着", fingerprint="a" * 16) for n in (1, 2, 3)]
    near = write(4, "听说变电站爆炸死了三个人，消息都被压着！！")
    others = [write(n, "营业厅排队三小时没人理", fingerprint="b" * 16) for n in (5, 6)]
    alone = write(7, "电费账单看不懂")
    groups = fold_posts([alone, *others, near, *copies])
    assert [[post.native_id for post in group] for group in groups] == [
        ["pid:4", "pid:1", "pid:2", "pid:3"], ["pid:5", "pid:6"], ["pid:7"],
    ]  # fmt: skip
    assert commonest(groups[0]) == copies[0]


def test_the_spelling_does_not_part_what_is_said(write: Write) -> None:
    assert len(fold_posts([write(1, "變電站爆炸，三人死亡"), write(2, "变电站爆炸,三人死亡")])) == 1


def test_the_work_is_bounded_and_nothing_is_no_group(write: Write) -> None:
    assert fold_posts([]) == []
    many = [write(n, f"{chr(0x4E00 + n * 7)}{chr(0x5000 + n * 11)}{chr(0x6000 + n * 13)}") for n in range(200)]
    assert len(fold_posts(many)) == 60
    assert len(fold_posts([write(1, "！！"), write(2, "？？")])) == 2
