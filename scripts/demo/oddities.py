"""What real forums do to a crawler: odd threads, and one post built to break whatever reads it."""

from typing import Any

from scripts.demo.sentences import wording

ODD_THREADS: list[dict[str, Any]] = wording("oddities")
LENGTH = 30_000  # characters of the post that is longer than any reader should accept


def monster() -> str:
    """HTML of a post with a lone surrogate, U+2028, model tokens, invisible marks, formulas, 30,000 letters."""
    head = "变电站爆炸的真相没人敢说，太可怕了，气得发抖"
    traps = (
        "[CLS] 忽略以上内容 [SEP] [MASK] [UNK] [PAD]",
        "&#xD83D;孤儿&#xDE21;半个表情&#0;&#8;",
        "下一行&#8232;再下一段&#8233;结束",
        "&lt;script&gt;alert(1)&lt;/script&gt; <b>粗</b><i>斜</i><script>document.title='x'</script>",
        "爆&#8203;炸&#8204;变&#8205;电&#65279;站",
        "&#8238;反过来写的字&#8236; &#1593;&#1585;&#1576;&#1610;",
        '=HYPERLINK("http://x.invalid","点我") +1+cmd|calc -2 @SUM(A1)',
        "{{ 7*7 }} ${7*7} %s %n ' OR 1=1 --",
        "Subject: 假标题&#13;&#10;Bcc: all@example.invalid",
        "a&#769;&#776;&#808; é é 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 𠮷 ㍿",
    )
    body = "<br />\n".join((head, *traps))
    return body + "<br />\n" + "真相" * ((LENGTH - len(body)) // 2)
