"""Signatures and devices, and sentences that begin like them."""

import pytest

from crawlers.push.mailbox.signatures import is_signature, without_devices

DEVICES = [
    "发自我的iPhone",
    "发自我的小米14 Pro",
    "来自我的华为手机",
    "来自 华为手机",
    "發自我的 iPhone",
    "来自 vivo X100",
    "发自新浪邮箱客户端",
    "发自网易邮箱大师",
    "发自我的企业微信",
    "发自 Outlook",
    "从我的 iPhone 发送",
    "从我的华为手机发送",
    "从 Windows 版邮件发送",
    "从 Yahoo 邮箱 Android 版 发送",
    "Sent from my iPhone",
    "Sent from Mail for Windows",
    "Sent from my Samsung Galaxy smartphone.",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "获取 Outlook for iOS",
    "下载适用于 iOS 的 Outlook",
]
SENTENCES = [
    "来自手机端的反馈太慢，没人处理",
    "来自手机端的反馈太慢",
    "来自我的亲身经历：食堂饭菜不干净，吃坏了肚子。",
    "来自我的亲身经历",
    "从公司邮箱发送的附件总被客户拦截，信息部没人管。",
    "来自移动公司的宽带三天没修好",
    "来自小米客服态度太差",
    "来自12345",
    "来自三号楼的全体住户",
    "发自内心的请求",
    "下载Outlook后打不开，IT没人管",
    "获取 Outlook 账号要等三天",
    "Sent from HR a notice that overtime is unpaid.",
]


@pytest.mark.parametrize("line", DEVICES)
def test_the_device_that_a_text_was_written_on_is_no_word_of_it(line: str) -> None:
    assert without_devices(["停水了", "", line, ""]) == ["停水了"]
    assert without_devices(["停水了", "", "_" * 32, line]) == ["停水了"]


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence_that_begins_like_a_device_stays(line: str) -> None:
    assert without_devices([line]) == [line]
    assert without_devices(["停水了", line]) == ["停水了", line]


def test_any_number_of_devices_is_cut() -> None:
    assert without_devices(["停水了", *DEVICES]) == ["停水了"]


def test_far_from_the_end_nothing_is_a_device() -> None:
    lines = ["来自 华为手机", "一", "二", "三", "四"]
    assert without_devices(lines) == lines
    assert without_devices(lines[:4]) == lines[1:4]


@pytest.mark.parametrize(
    "words",
    [
        "停水了\n--\n张三\n后勤部 13800000000",
        "停水了\n-- \n张三\n诚信为本，服务至上。",
        "停水了\n-- \n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。禁止任何其他人以任何形式使用。",
        "停水了\n--\n张三\n\n在 2026-11-27 9:00，意见箱 <y@corp.cn> 写道：\n" + "> 您好。\n" * 20,
        "停水了\n--\n张三\n> 您好。",
        "停水了\n--",
    ],
)
def test_little_that_is_no_sentence_below_two_hyphens_is_a_signature(words: str) -> None:
    assert is_signature(words.split("\n"), 1)


@pytest.mark.parametrize(
    "words",
    [
        "建议如下：\n--\n1. 食堂降价",
        "建议如下：\n-- \n食堂降价",
        "两点建议\n--\n一、食堂降价\n二、班车加班次",
        "两点建议\n-- \n（1）食堂降价",
        "两点建议\n--\n• 食堂降价",
        "停水了\n--\n还有，食堂太贵了！",
        "停水了\n--\n" + "食堂太贵" * 20,
        "停水了\n--\n" + "食堂太贵\n" * 11,
        "停水了\n-- 张三",
    ],
)
def test_a_list_or_a_sentence_below_two_hyphens_is_the_writers(words: str) -> None:
    assert not is_signature(words.split("\n"), 1)
