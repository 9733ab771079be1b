"""What fuzzing starts from: good inputs of every kind, and the words of each that are worth strewing in."""

# ruff: noqa: E501 - lists of words, not prose

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stream.codec import CASE_EVENTS, POSTS, SCORED, STAGE_HEALTH
from stream.log.quarantine import ENTRIES, Quarantined
from stream.messages import CaseEvent, Emotion, Post, StageHealth
from tests.stream.scored import NOON, scored

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "crawlers" / "pages"

_SCORED = replace(scored(1, "停电了😀[CLS]"), emotion=Emotion(**dict.fromkeys(Emotion.__dataclass_fields__, 0.125)))
_POST = Post(**{name: getattr(_SCORED, name) for name in Post.__dataclass_fields__})
_EVENT = CaseEvent(
    id="0" * 32, case_id=1, number=1, at=NOON, kind="opened", by="program", topic="food", grade="blue", stage="opened",
    verdict=None, peak=3.5, opened_at=NOON, acknowledged_at=None, ended_at=None, elapsed=0.0, due_at=NOON,
)  # fmt: skip
_HEALTH = StageHealth(
    id="0" * 32, stage="score", instance="a", at=NOON, seconds=60.0, read=1, done=1, rejected=0, retried=0, fenced=0,
    lag=0.5,
)  # fmt: skip
_ENTRY = Quarantined(
    id="0" * 32, stage="score", topic="posts.raw", partition=0, offset=7, key="k", headers={"a": "b"}, reason="x",
    detail="y", sha256="0" * 64, raw=b"\x00\xff", truncated=False, at=NOON,
)  # fmt: skip

RECORDS: Mapping[str, tuple[bytes, ...]] = {
    "post": (POSTS.encode(_POST),),
    "scored": (SCORED.encode(_SCORED), SCORED.encode(replace(_SCORED, polarity=None, negative=None, unscored="empty"))),
    "event": (CASE_EVENTS.encode(_EVENT),),
    "health": (STAGE_HEALTH.encode(_HEALTH),),
    "entry": (ENTRIES.encode(_ENTRY),),
}

MEMORIES: Mapping[str, tuple[bytes, ...]] = {
    "thresholds": (
        b'{"alerts_per_week":1,"least_posts":5,"copy_weight":0.25,"blind_after":"15m"}',
        b'{"blind_after":"900719925474099215m"}',
        b'{"window":"1h","rise":3,"cusum":6,"least_voices":3,"posts_per_voice":3}',
    ),
    "counts": (bytes([2, 4, 0, 2] * 80) + bytes([90] * 9), bytes(300) + bytes([240, 255, 255, 250])),
    "told": (
        b"[]",
        b'[{"since":"2026-11-19T06:00:00Z","until":"2026-11-19T07:00:00Z"}]',
    ),
}


def _each(told: str) -> tuple[bytes, ...]:
    """The pieces of a string, parted by broken bars."""
    return tuple(piece.encode("utf-8", "surrogatepass") for piece in told.split("¦"))


JSON = _each(
    'null¦NaN¦1e999¦-1¦9007199254740992¦"\\ud83d"¦\ud83d¦[[[[¦{}¦"schema":2¦true¦1.0¦,¦"¦\\¦"\\u0000"¦9'
    '¦"2016-12-31T23:59:60Z"¦"0000-00-00T00:00:00Z"¦"0001-01-01T00:00:00+14:00"¦-0¦1E5¦"reply"¦0.0000001'
)
NAMES = ("alerts.yml", "crawlers.yml", "nlp.yml", "stream.yml", "topics.yml")
CONFIGS = tuple(
    bytes([at]) + path.read_bytes()
    for at, name in enumerate(NAMES)
    for path in (ROOT / "configs" / name, ROOT / "configs" / "example" / name)
    if path.exists()
)
YAML = _each(
    "!!python/object:os.system ¦&a ¦*a¦<<: ¦? ¦[¦{¦- ¦|\n¦>\n¦0x¦0b¦._¦1:99¦2001-99-99¦2001-01-01 25:00:00¦~¦\t¦\x00¦\ufeff"
    "¦---\n¦...\n¦%YAML 9\n¦!!binary x¦!!set {a}¦!!omap [a]¦!!timestamp x¦!!float x¦!!int x¦=¦1d¦-1h¦* * * * *¦0 9 * * 1"
    "¦kafka://a:1¦postgresql+psycopg://u:p@h/d¦http://[::1¦sqlite:¦'¦\"¦: ¦\n¦\n  ¦(?:a*)*b¦[[:x:]]¦{1,99999}¦\\p{L}"
    "¦99999999999999999999999999999999999999d¦\x85¦\u2028¦\ud83d"
)

DISCUZ = tuple(sorted({path.read_bytes() for path in PAGES.glob("discuz/*/input.html")}))
WORDPRESS = tuple(sorted({path.read_bytes() for path in PAGES.glob("wordpress/*/input.*")}))
FEEDS = tuple(sorted({path.read_bytes() for path in PAGES.glob("feed/*/input.*")}))
HTML = (
    *_each(
        "<¦>¦</¦<!--¦-->¦<![CDATA[¦]]>¦<!DOCTYPE x [<!ENTITY a 'b'>]>¦&a;¦&#0;¦&#xD800;¦&#55357;&#56833;¦<table>¦<tr>¦<td>¦<pre>"
        '¦<div id="post_1">¦<td class="t_f" id="postmessage_1">¦<script>¦</script>¦<style>¦<svg>¦<math>¦<template>¦<frameset>'
        "¦<meta charset=utf-16>¦<meta charset=utf-7>¦<meta charset=hex>¦<?xml encoding='utf-32'?>¦<b><b><b><b><b><b><b><b>"
        '¦href="http://[x"¦href="javascript:1"¦href="forum.php?mod=viewthread&tid=99999999999999999999"¦title="1-1 25:61"'
        "¦<item>¦<entry>¦<guid>¦<link/>¦<pubDate>¦<content:encoded>¦<updated>0000</updated>¦xmlns:x='y'¦{¦\"items\":¦[null]"
        '¦"id":{}¦\x00¦\x1a'
    ),
    *(b"\xff\xfe", b"\xfe\xff", b"\xc0\x80", b"\xed\xa0\xbd", b"\x81"),
)

TIMES = _each(
    "刚刚¦3分钟前¦半小时前¦昨天 23:59¦前天凌晨1点半¦上周日 下午3:05¦02-29¦2026-9-1 8:05:59¦2016-12-31T23:59:60Z¦20260901T080000"
    "¦1789200000000¦Tue, 01 Sep 2026 08:00:00 +0800¦发表于 5 天前¦9999-12-31 23:59¦0000-00-00¦民国115年¦Sep 1, 2026 12:00 PM (CST)"
)

TEXTS = _each(
    "停电三天没人管¦水 军 常 用！！！！ https://t.cn/x //@李四:好 //@王五:坏¦[quote]张三 发表于 2026-1-2 03:04\n太黑了[/quote]同意"
    '¦手机 -广告 －“招 聘” "a b"¦👨‍👩‍👧🏽❤\u200d🔥1️⃣🇨🇳🏴\U000e0067\U000e007f'
    "¦找张小明经理 13812345678 a.b@c.cn @某某 http://a.cn/x?y#z¦\ud83d\ude2d\u202e\u200b\ufeff\u2028¦x\r\nBcc: a@b.cn\r\n\r\n.\r\n"
    "¦=?utf-8?b?YQ==?=¦{{7*7}}{% raw %}%s{0.__class__}"
)
WORDS = (
    *_each(
        "\r\n¦\r¦\n¦\u2028¦\u2029¦\x85¦\x0b¦\x0c¦\x1c¦\x00¦\x1b[31m¦\u202e¦\u200b¦\u200d¦\ufeff¦\ud83d¦\ude2d¦\ue000¦\ufffe¦\u0301\u0301"
        '¦\u20e3¦\ufe0f¦\U000e0061¦👩¦🏽¦🇨¦𠮷¦ﷺ¦ﬁ¦İ¦ß¦ǰ¦ﾞ¦한¦ᆨ¦＝¦　¦\xa0¦"¦“¦”¦-¦－¦*¦(¦)¦AND¦NOT¦NEAR/3¦^¦:¦{¦}¦|¦+¦~¦\\¦//@¦回复@¦@'
        "¦转发微博¦[quote]¦[/quote]¦>¦http://¦www.¦?¦#¦13812345678¦微信¦<script>¦&lt;¦{{¦{%¦%s¦.¦\r\n.\r\n¦Bcc: x¦=?utf-8?q?=0D=0A?="
        "¦张¦经理¦3号楼"
    ),
    *("一".encode() * 90, b"a" * 1200, "\u0301".encode() * 40),
    *(b"\xff", b"\xc0\x80", b"\xed\xa0\xbd", b"\xf5", b"\xe4\xb8"),
)
