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
        # What speaks to its reader, or says nothing else.
        ("<title>请稍候…</title><p>正在验证您是否是真人。</p>", Refused.CHALLENGE),
        ("<title>百度云加速</title><h2>正在为您检查浏览器</h2>", Refused.CHALLENGE),
        ("<title>Checking you are not a bot</title><p>Please wait, redirecting</p>", Refused.CHALLENGE),
        (
            "<title>浏览器安全检查中...</title>浏览器安全检查中...<script>document.location.reload()</script>",
            Refused.CHALLENGE,
        ),
        (
            "<title>安全检查中……</title><h1>安全检查中……</h1><p>还差一步就可以浏览网站啦，请完成安全验证</p>",
            Refused.CHALLENGE,
        ),
        ("<title>提示</title><p>您的IP 123.123.123.123 已被加入黑名单，请联系管理员</p>", Refused.WAF),
        ("<title>D盾_拦截提示</title><p>D盾_拦截提示：当前网页提交的内容含有危险字符</p>", Refused.WAF),
        ("<title>提示</title><p>由于您的访问行为可疑，请求已被阻止</p>", Refused.WAF),
        ("<p>请求已被阻止。</p>", Refused.WAF),
        ("<p>操作过于频繁，请稍后再试</p>", Refused.WAF),
        ("<title>访问受限</title><p>请联系站长</p>", Refused.WAF),
        ("<title>民声论坛</title><p>请用手机微信扫描二维码登录后浏览</p><img src=qr.png>", Refused.LOGIN),
        (
            "<title>民声论坛</title><p>请关注公众号“民声”，回复“验证码”获取访问口令</p><input name=code>",
            Refused.LOGIN,
        ),
        (
            "<title>Information</title><div id=message>Sorry but this board is currently unavailable.</div>",
            Refused.CLOSED,
        ),
        ("<title>提示</title><p>临江论坛已关闭，感谢八年陪伴。</p>", Refused.CLOSED),
        ("<h1>网站维护</h1><p>本站将于12月1日恢复访问。</p>", Refused.CLOSED),
    ],
)
def test_a_refusal_that_comes_as_a_page_is_named_by_its_kind(body: str, how: Refused) -> None:
    assert said(body) is how


#: Puts a guard of its own into any page, whose reader sees nothing of it.
CLOUDFLARE = (
    "<script>(function(){var a=document.createElement('script');a.innerHTML=\"window.__CF$cv$params={r:'8f1'};var b="
    "document.createElement('script');b.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';\"})();</script>"
)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<title>停电公告</title><a href=/>首页</a><h1>停电公告</h1><p>因线路检修，十里铺一带停电。</p>", 200),
        ('<div id="messagetext"><p>抱歉，指定的主题不存在或已被删除或正在被审核</p></div>', 200),
        ('<div id="content"><ul type="1"><li><a href="?tid-1.html">停电</a> (2篇回复)</li></ul></div>', 200),
        ('<a href="./">社区</a><h2>Information</h2><p>You are not authorised to read this forum.</p>', 403),
        ("<h1>Internal Server Error</h1>", 500),
    ],
)
def test_a_page_that_cloudflare_put_its_script_into_is_still_a_page(body: str, status: int) -> None:
    assert said(body + CLOUDFLARE, status) is said(body, status) is None
    challenge = CLOUDFLARE.replace("scripts/jsd/main.js", "h/b/orchestrate/chl_page/v1?ray=8f1")
    assert said(body + challenge, status) is Refused.CHALLENGE


def test_a_bots_puzzle_that_explains_itself_at_length_is_known_by_its_script() -> None:
    told = f"<title>正在确认你是不是机器人！</title><p>{'您看到这个页面是因为网站管理员配置了 Anubis。' * 30}</p>"
    links = "<a href=https://github.com/TecharoHQ/anubis>Anubis</a>" * 4
    mark = '<script id="anubis_challenge" type="application/json">{}</script>'
    assert said(told + links + mark) is Refused.CHALLENGE
    assert said(told + links + mark.replace("<", "&lt;")) is None  # a post about it


@pytest.mark.parametrize(
    "body",
    [
        "<title>系统维护公告 - 某供电公司</title><h1>系统维护公告</h1>"
        "<p>95598网站将于11月30日升级维护，期间暂停服务，敬请谅解。</p>",
        "<title>网站关闭</title><h1>网站关闭</h1><p>市政府宣布三家网站关闭。</p>",
        "<h1>电商网站已关闭</h1><p>警方通报某购物网站已关闭，受害人超过百人。</p>",
        "<title>景区访问受限</title><h1>因大雪景区限制访问</h1><p>今日起景区暂停游客访问。</p>",
        "<h1>景区访问受限</h1><p>请您提前安排行程。</p>",
        "<title>交警查获</title><h1>酒驾司机被拦截</h1><p>请求被拒绝后司机逃逸。操作被禁止。</p>",
        "<h1>交警提示</h1><p>宝塔区交警拦截酒驾车辆五辆。</p>",
        "<h1>安全检查</h1><p>工作人员正在进行安全检查，发现隐患三处。</p>",
        "<h1>安全检测</h1><p>今日对老旧小区电梯进行安全检测。</p>",
        "<h1>社区停止供水</h1><p>社区停止服务两天，居民取水请到居委会。</p>",
        "<h1>掌上营业厅</h1><p>用户登录后可查看账单。</p>",
        "<title>Just a moment... 一首歌</title><p>歌词</p>",
    ],
)
def test_a_short_article_about_something_else_that_is_closed_or_checked_is_none(body: str) -> None:
    assert said(body) is said(f"{body}<a href=/>首页</a><a href=/news>新闻</a>") is None


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("<title>安全驗證</title><form>請輸入驗證碼<img src=/captcha.jpg><input name=code></form>", Refused.CAPTCHA),
        (f"<title>請先登入</title>{LOGIN_BOX}", Refused.LOGIN),
        ("<title>網站維護中</title><p>本站升級，暫停訪問</p>", Refused.CLOSED),
        ("<p>您的請求已被攔截</p>", Refused.WAF),
        ("<title>頁面重載開啟</title><script>document.location.reload()</script>", Refused.FLOOD_GUARD),
    ],
)
def test_a_refusal_in_traditional_characters_is_one_in_any_encoding(body: str, how: Refused) -> None:
    plain = body.replace("登录", "登入")
    assert {said(plain, encoding=codec) for codec in ("utf-8", "big5", "utf-16")} == {how}


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
