"""The crawlers' reasons reach staff in their own language."""

import pytest

from alerts.incidents.reasons import in_chinese


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("captcha", "要求输入验证码"),
        ("captcha: 请输入验证码", "要求输入验证码: 请输入验证码"),
        ("waf_script", "被网站防火墙脚本拦截"),
        ("http_403", "网站返回 403"),
        ("2 × login", "要求登录 2 次"),
        ("the secret of customer service is refused: renew service_secret", "微信客服 Secret 失效，请重新配置"),
        (
            "1 not understood: customer service, which needs service_secret",
            "1 处无法识别：微信客服消息（尚未配置 Secret）",
        ),
        ("2 × text_cut_short", "长文只有开头 2 次"),
        ("2 not understood: long text shown cut", "2 处无法识别：长微博只有开头"),
        ("3 × http_500, 2 × layout", "网站返回 500 3 次、页面结构无法识别 2 次"),
        ("address_refused (leads to www.example.cn)", "跳转到其他网站（www.example.cn）"),
        (
            "the index shows no boards; this is phpBB; 1 × layout",
            "首页没有版块；该网站使用 phpBB；页面结构无法识别 1 次",
        ),
        ("gone: 教育, 民生", "缺少版块：教育、民生"),
        ("a fault of ours: the log has it", "采集程序出错，详见日志"),
        ("2 × layout; 9 pages read by the mobile view", "页面结构无法识别 2 次；9 页改读手机版"),
        ("3 pages read by the archiver view", "3 页改读文字版"),
        ("3 × id_twice, 1 × unreadable_row", "编号相同而内容不同 3 次、有行无法读取 1 次"),
        ("1 × words_not_read", "邮件正文的格式无法读取 1 次"),
        ("2 × time_not_understood (乙巳年腊月初八)", "时间无法识别 2 次（如 乙巳年腊月初八）"),
        (
            "2 × time_not_understood (Mon, 31 Feb; closed (login)), 1 × layout; gone: 民生",
            "时间无法识别 2 次（如 Mon, 31 Feb; closed (login)）、页面结构无法识别 1 次；缺少版块：民生",
        ),
        ("1 × time_not_understood (words without a date)", "时间无法识别 1 次（如 没有日期的文字）"),
        ("1 × time_not_understood (2026年11月, line 4)", "时间无法识别 1 次（如 2026年11月，第 4 行）"),
        ("3 × does_not_fit (6 cells under 5 names, line 4)", "列数与表头不符 3 次（如 第 4 行）"),
        (
            "1 × id_twice (an id twice, line 4 of sheet 十月, 补)",
            "编号相同而内容不同 1 次（如 工作表「十月, 补」第 4 行）",
        ),
        (
            "1 × sheet_not_read (no column 'text' in its first rows, sheet 说明)",
            "工作表未读取 1 次（如 工作表「说明」）",
        ),
        (
            "1 × words_not_read (text/rtf: look into the mailbox)",
            "邮件正文的格式无法读取 1 次（如 text/rtf，请到邮箱中查看）",
        ),
        (
            "4 not understood: thread address, as /t/closed, 2 not understood: long text shown cut",
            "4 处无法识别：帖子地址（如 /t/closed）、2 处无法识别：长微博只有开头",
        ),
        (
            "2 × unread_files_in_failed (工单.xls: a workbook of Excel before 2007: open it and save it as XLSX)",
            "failed 文件夹中有未处理的文件 2 次（如 工单.xls: Excel 97-2003 工作簿，请打开后另存为 .xlsx）",
        ),
        (
            "1 × unread_files_in_failed (a.docx: give one of .csv, .xlsx (save other formats as XLSX or CSV))",
            "failed 文件夹中有未处理的文件 1 次"
            "（如 a.docx，可读取的格式为 .csv, .xlsx （其他格式请另存为 .xlsx 或 .csv））",
        ),
        ("something new", "something new"),
        ("", ""),
    ],
)
def test_a_reason_is_written_for_staff(reason: str, words: str) -> None:
    assert in_chinese(reason) == words
