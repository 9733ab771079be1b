"""A refusal is recognised by its kind, at first sight; a page of content never is, whatever it talks of."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.pages.traits.refusals import LARGEST, Refused, Reply, leads_to_login, refused

URL = "http://bbs.example.cn/forum.php"
NAV = "".join(f'<a href="/board-{n}.html">版块 {n}</a>' for n in range(20))
LOGIN_BOX = '<form action="/login"><input name="username"><input type="password" name="p"><button>登录</button></form>'


def said(
    body: str, status: int = 200, headers: Mapping[str, str] | None = None, encoding: str = "utf-8"
) -> Refused | None:
    return refused(Reply(status=status, url=URL, headers=headers or {}, body=body.encode(encoding)))


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("<title>安全验证</title><form>请输入验证码<img src=/captcha.jpg><input name=code></form>", Refused.CAPTCHA),
        ('<h1>请完成验证</h1><p>您的访问过于频繁</p><div id="geetest"></div>', Refused.CAPTCHA),
        ('<p>请输入驗證碼後繼續</p><input name="seccodeverify">', Refused.CAPTCHA),
        ('<title>Robot check</title><p>Are you a robot?</p><div class="h-captcha"></div>', Refused.CAPTCHA),
        ("<h2>人机验证</h2><script src=//g.alicdn.com/AWSC/AWSC/awsc.js></script>", Refused.CAPTCHA),
        ("<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x.js></script>", Refused.CHALLENGE),
        ("<h1>bbs.example.cn</h1><p>Verify you are human by completing the action below.</p>", Refused.CHALLENGE),
        (
            "<script>var arg1='3E';document.cookie='acw_sc__v2='+x;document.location.reload()</script>",
            Refused.WAF_SCRIPT,
        ),
        (
            "<html><script>document.cookie=('__jsl_clearance=1');location.href=location.pathname</script>",
            Refused.WAF_SCRIPT,
        ),
        ("<script>$_ts=window['$_ts'];</script><noscript>开启脚本</noscript>", Refused.WAF_SCRIPT),
        (r"<script>eval(String.fromCharCode(100));window.location.replace('/')</script>", Refused.WAF_SCRIPT),
        ("<script>document.cookie = 'seen=1'; window.location.reload(true);</script>请稍候", Refused.COOKIE_GATE),
        ("<title>页面重载开启</title><script>document.location.reload()</script>", Refused.FLOOD_GUARD),
        ("<p>请启用浏览器的 Cookie 后刷新本页</p>", Refused.COOKIE_GATE),
        ("<title>405</title><h1>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</h1>", Refused.WAF),
        ("<div>您的请求可能存在威胁，已被拦截！如有疑问请联系管理员</div>", Refused.WAF),
        ("<p>网站防火墙</p><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p>", Refused.WAF),
        (f"<title>登录 - 某某论坛</title>{LOGIN_BOX}<a href=/reg>注册</a>", Refused.LOGIN),
        (f"<title>统一身份认证平台</title>{LOGIN_BOX}", Refused.LOGIN),
        (f"<title>Sign in · Example</title>{LOGIN_BOX}", Refused.LOGIN),
        (f"<title>某某论坛</title>{LOGIN_BOX}", Refused.LOGIN),
        ("<title>网站维护中</title><p>本站升级，请稍后再来</p>", Refused.CLOSED),
        ("<h1>论坛已关闭</h1>", Refused.CLOSED),
        ("<title>Example</title><h1>This site is temporarily unavailable</h1>", Refused.CLOSED),
        # Puzzles, by what they load or say, and a box that holds a firewall's own data.
        ("<title>民声网</title><div id=embed-captcha></div><p>点击按钮进行验证</p>", Refused.CAPTCHA),
        ("<script>new TencentCaptcha('1', done).show()</script>", Refused.CAPTCHA),
        ("<title>百度安全验证</title><p>网络不给力，请稍后重试</p>", Refused.CAPTCHA),
        (
            "<textarea id=renderData style='display:none'>{}</textarea><p>访问验证</p><p>请按住滑块</p>"
            "<script src=//g.alicdn.com/AWSC/AWSC/awsc.js></script>",
            Refused.CAPTCHA,
        ),
        ("<title>正在进行安全检测</title><p>正在验证浏览器，请稍候...</p>", Refused.CHALLENGE),
        ("<script>window.location.href ='/forum.php?btwaf=12345678'; </script>", Refused.WAF_SCRIPT),
        ("<script>function YunSuoAutoJump(){self.location='/?security_verify_data=1'}</script>", Refused.WAF_SCRIPT),
        ("<p>您的访问可能会对网站造成危险，已被网站卫士拦截</p>", Refused.WAF),
        ("<p>抱歉，您的 IP 地址不在被允许的范围内，无法访问本站点</p>", Refused.WAF),
        ("<p>您的IP访问频率过高，已被暂时封禁，请10分钟后再试</p>", Refused.WAF),
        ("<p>根据相关规定，本网站暂不对境外IP开放访问</p>", Refused.WAF),
        ("<script>location.replace('https://passport.example.com/visitor?a=enter')</script>", Refused.LOGIN),
        ("<meta http-equiv=refresh content='0; url=/member.php?mod=logging&action=login'>", Refused.LOGIN),
        ("<div><input name=phone><button>登录/注册</button><p>未注册的手机将自动注册</p></div>", Refused.LOGIN),
        ("<title>站点维护</title><img src=weihu.png>", Refused.CLOSED),
        ("<title>提示</title><p>站点已关闭</p>", Refused.CLOSED),
        ("<title>临江论坛</title><p>本站因系统升级，暂停访问，敬请期待。</p>", Refused.CLOSED),
        ("<h1>没有找到站点</h1><p>您的请求在Web服务器中没有找到对应的站点！</p>", Refused.CLOSED),
    ],
)
def test_a_refusal_that_comes_as_a_page_is_named_by_its_kind(body: str, how: Refused) -> None:
    assert said(body) is how


@pytest.mark.parametrize(
    ("status", "headers", "body", "how"),
    [
        (403, {"cf-mitigated": "challenge"}, "", Refused.CHALLENGE),
        (503, {}, "<title>Just a moment...</title><p>Checking your browser before accessing</p>", Refused.CHALLENGE),
        (503, {"retry-after": "9"}, "<script>window._cf_chl_opt={}</script>", Refused.CHALLENGE),
        (405, {}, "<title>405</title><p>您的访问被阻断</p>", Refused.WAF),
        (405, {}, "", Refused.WAF),
        (403, {}, "<h1>Sorry, you have been blocked</h1>", Refused.WAF),
        (412, {}, "<script>$_ts=window['$_ts'];</script>", Refused.WAF_SCRIPT),
        (403, {"x-datadome": "protected"}, "", Refused.WAF),
        (405, {"x-amzn-waf-action": "captcha"}, "", Refused.CAPTCHA),
        (202, {"x-amzn-waf-action": "challenge"}, "", Refused.CHALLENGE),
        (432, {}, "", Refused.BARRED),
        (503, {}, "<title>网站维护中</title>", Refused.CLOSED),
        (403, {}, "<title>ICP</title><p>该网站未备案，暂时无法访问</p>", Refused.CLOSED),
        (
            521,
            {},
            "<script>document.cookie=('_')+('_j')+'sl=1';location.href=location.search</script>",
            Refused.COOKIE_GATE,
        ),
    ],
)
def test_a_refusal_by_status_or_headers_is_named_too(
    status: int, headers: Mapping[str, str], body: str, how: Refused
) -> None:
    assert said(body, status, headers) is how


@pytest.mark.parametrize(
    "body",
    [
        f"<title>停电通知 - 某某论坛</title>{NAV}{LOGIN_BOX}<div id=postmessage_1>今晚停电</div>",
        f"<title>收不到验证码怎么办 - 论坛</title>{NAV}{LOGIN_BOX}<div>登录时总是请输入验证码</div>",
        "<title>收不到验证码 - 论坛</title><a href=/>首页</a><a href=/b>版块</a><a href=/u>某人</a>"
        "<div id=postmessage_1>网上营业厅一直提示请输入验证码，滑块也过不去</div>",
        "<title>请输入验证码 - 论坛</title><a href=/>首页</a><a href=/b>版块</a><a href=/u>某人</a><p>什么意思？</p>",
        '<title>停电 - 论坛</title><p>停电了</p><form><textarea name="message"></textarea>请输入验证码'
        '<input name="seccodeverify"><img src="/captcha.jpg"></form>',
        "<title>访问被阻断怎么办 - 论坛</title><a href=/>首页</a><a href=/b>版块</a><a href=/u>某人</a>"
        "<p>我打开网站提示您的访问被阻断</p>",
        "<title>本站已关闭评论 - 论坛</title><p>旧帖</p>",
        "<title>旧帖</title><p>本站已关闭评论</p>",
        f"<title>论坛</title>{NAV}<p>隔壁站点已关闭，他们的 IP 被封禁了，访问过于频繁</p>",
        "<script>location.href='/forum.php?mod=guide&view=new'</script>",
        "<title>搜索</title><input name=q><p>停电</p>",
        "<div id=app></div><script src=/js/recaptcha.js></script><script>window.__STATE__={a:1};</script>",
        f"<title>论坛已关闭 - 旧闻</title>{NAV}<p>听说隔壁论坛关了</p>",
        '<a href="forum.php?mod=forumdisplay&fid=3">停电</a><table id="threadlisttableid"></table>',
        "<div id=app></div><script>window.__STATE__={a:1};</script><noscript>Please enable JavaScript</noscript>",
        f"<title>论坛</title><script>document.cookie='a=1';if(x)location.reload()</script>{NAV}",
        '<meta http-equiv="refresh" content="0;url=/portal.php">',
        "<script>location.href='/forum.php'</script>",
        f"<h2>用户登录</h2>{LOGIN_BOX}<a href=/t1>帖一</a><a href=/t2>帖二</a><a href=/t3>帖三</a>",
        "",
    ],
)
def test_a_page_that_only_speaks_of_it_or_has_a_box_for_it_is_a_page(body: str) -> None:
    assert said(body) is None


@pytest.mark.parametrize(
    "body",
    [
        '{"title": "请输入验证码", "url": "/captcha"}',
        '<?xml version="1.0"?><rss><channel><title>安全验证</title></channel></rss>',
        "<rss><channel><item><title>Just a moment...</title></item></channel></rss>",
        '[{"message": "您的访问被阻断"}]',
    ],
)
def test_data_is_no_page_whatever_it_says(body: str) -> None:
    assert said(body) is None


@pytest.mark.parametrize("status", [404, 410, 429, 408])
def test_what_is_not_there_or_comes_later_is_no_refusal_by_its_words(status: int) -> None:
    assert said("<h1>访问被阻断</h1>", status) is None


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_that_broke_or_is_busy_refuses_nobody(status: int) -> None:
    assert said("<h1>Bad gateway</h1>", status) is None
    assert said("<h1>503 Service Temporarily Unavailable</h1>", status, {"retry-after": "60"}) is None


@pytest.mark.parametrize(
    "body",
    [
        f"<title>论坛 | 系统维护</title>{NAV}",
        "<title>Maintenance</title><div>Briefly unavailable for scheduled maintenance.</div>",
        '{"site_title": "论坛", "message": "系统维护中，请稍后再来。"}',
    ],
)
def test_a_site_under_repair_is_closed_unless_it_names_a_later_time_than_the_first_rest(body: str) -> None:
    assert said(body, 503) is Refused.CLOSED
    assert said(body, 503, {"retry-after": "600"}) is Refused.CLOSED
    assert said(body, 503, {"retry-after": "7200"}) is None
    assert said(body, 500) is None


def test_a_chinese_page_of_an_old_encoding_is_read() -> None:
    assert said("<h1>安全验证</h1>请输入验证码<img src=/captcha>", encoding="gb18030") is Refused.CAPTCHA


@pytest.mark.parametrize("target", ["", URL, "/forum.php"])
def test_a_page_that_sets_a_cookie_and_loads_itself_again_is_a_gate(target: str) -> None:
    body = f'<meta http-equiv="refresh" content="0; url={target}">'
    assert said(body, headers={"set-cookie": "a=1"}) is Refused.COOKIE_GATE
    assert said(body) is None


def test_a_large_page_is_none_by_its_words() -> None:
    assert said("<h1>安全验证</h1>请输入验证码<img src=/captcha>" + " " * LARGEST) is None


@pytest.mark.parametrize(
    ("target", "is_one"),
    [
        ("https://passport.weibo.com/visitor/visitor?entry=miniblog", True),
        ("http://bbs.example.cn/member.php?mod=logging&action=login", True),
        ("http://bbs.example.cn/login?next=/", True),
        ("https://sso.corp.cn/cas/login?service=http://bbs", True),
        ("/ucp.php?mode=login", True),
        ("/user/sign_in", True),
        ("/wp-login.php", True),
        ("http://www.example.cn/forum.php", False),
        ("/blog/how-logins-work", False),
        ("/thread-9-1-1.html", False),
        ("/catalogue/blogin.html", False),
    ],
)
def test_an_address_where_one_logs_in_is_known(target: str, is_one: bool) -> None:
    assert leads_to_login(target) is is_one


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(200, 599))
def test_no_bytes_at_all_make_it_stumble(body: bytes, status: int) -> None:
    assert refused(Reply(status=status, url=URL, headers={}, body=body)) in (None, *Refused)


@pytest.mark.parametrize(
    "body",
    [
        "<!-- 请输入验证码 captcha --><p>停电通知</p>",
        "<script>var tip = '请输入验证码 geetest';</script><p>停电通知</p>",
        "<title>请输入验证码</title><p>停电通知</p><textarea name=m></textarea>",
        "<noscript>请启用 Cookie</noscript><p>停电通知</p>",
    ],
)
def test_what_no_reader_sees_refuses_nobody(body: str) -> None:
    assert said(body) is None


def test_a_page_under_repair_is_closed_unless_it_names_a_time_beyond_the_first_rest() -> None:
    repair = "<title>系统维护</title><p>系统维护中"
    for asked, how in [("0", Refused.CLOSED), ("3600", Refused.CLOSED), ("3601", None), ("9" * 40, None)]:
        assert said(repair, 503, {"retry-after": asked}) is how
    assert said(repair, 503, {"retry-after": "Thu, 19 Nov 2026 08:00:00 GMT"}) is None


@pytest.mark.parametrize(
    ("target", "how"),
    [(URL, Refused.COOKIE_GATE), ("/portal.php", None), ("http://[", None), ("http://other.cn/forum.php", None)],
)
def test_a_page_that_leads_elsewhere_is_no_gate_though_it_sets_a_cookie(target: str, how: Refused | None) -> None:
    assert said(f'<meta http-equiv="refresh" content="0;URL={target}">', headers={"set-cookie": "a=1"}) is how


def test_only_a_login_leaves_the_rest_of_a_site_open() -> None:
    assert [how for how in Refused if not how.is_of_site] == [Refused.LOGIN]


def test_a_login_on_a_redirect_is_known_by_what_it_is_asked_and_not_by_where_it_leads_back() -> None:
    assert leads_to_login("http://bbs.cn/member.php?action=login&return=http://bbs.cn/")
    assert not leads_to_login("http://bbs.cn/go.php?url=http://bbs.cn/login")
    assert not leads_to_login("")
