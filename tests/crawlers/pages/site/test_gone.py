import pytest

from crawlers.pages.site.gone import says_it_is_gone

BODY = "近日网传我市将停水三天，经核实该信息不存在，请市民不信谣不传谣。供水公司供水正常。"
WAYS_OUT = "您访问的页面不存在或已删除，请检查网址是否正确。5秒后自动返回首页。"


@pytest.mark.parametrize(
    ("title", "text", "declared"),
    [
        ("页面不存在", WAYS_OUT, False),
        ("抱歉，您访问的页面不存在", "", False),
        ("404 Not Found", "The page you requested could not be found. Back home.", False),
        ("该文章已被删除", WAYS_OUT, True),
        ("页面未找到", "主办：临江市人民政府办公室承办：临江市大数据中心网站标识码", False),
        ("临江市人民政府 404", WAYS_OUT, False),
    ],
)
def test_a_page_that_only_says_so_is_gone(title: str, text: str, declared: bool) -> None:
    assert says_it_is_gone(title, text, declared=declared)


@pytest.mark.parametrize(
    ("title", "text", "declared"),
    [
        ("辟谣：停水信息不存在", BODY, False),
        ("辟谣：停水信息不存在", "不实。", True),
        ("官方回应“网传文章已删除”", "因管道抢修，今日14时至20时三号小区停水，系旧闻。", True),
        ("网友反映政务网404 not found，客服称正在维修", BODY, False),
        ("文章已删除？报社回应", BODY, True),
        ("停水通知", WAYS_OUT, False),
    ],
)
def test_an_article_about_it_is_not(title: str, text: str, declared: bool) -> None:
    assert not says_it_is_gone(title, text, declared=declared)
