"""The words and marks that refusals are known by, in Chinese and English: kinds of wording, not single pages.

Chinese is in simplified characters: pages are read in these.
"""

import re
from re import IGNORECASE


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), IGNORECASE)


WAF_SCRIPT = _any(
    r"acw_sc__v\d|aliyun_?waf|__jsl_clearance|jsl_clearance_s|__jsluid|yunsuo_session|security_session_verify|wzws_",
    r"waf_?cookie|safeline|_incapsula_resource|__tst_status|eo_bot_ssid|\$_ts\s*=\s*window|cdn_sec_tc|__ddg\d",
    r"_guard/(?:auto|slide|click)\.js|ddos[-_]?guard|sucuri_cloudproxy|[?&]btwaf=|yunsuoautojump|security_verify_data",
)
FLOOD_GUARD = _any(r"页面重载开启|attackevasive")
SETS_COOKIE = _any(r"document\s*\.\s*cookie\s*=", r"document\s*\[\s*['\"]cookie['\"]\s*\]", r"\bcookieStore\.set\b")
LOADS_AGAIN = _any(
    r"location\s*\.\s*(?:reload|replace|assign)|location(?:\s*\.\s*href)?\s*=[^=]|location\s*\[",
    r"history\s*\.\s*go\s*\(\s*0|\.submit\s*\(",
)
HIDDEN_SCRIPT = _any(r"\beval\s*\(|\\x[0-9a-f]{2}\\x|_0x[0-9a-f]{4}|fromCharCode")
#: Cloudflare's script beside these, `…/scripts/jsd/main.js`, stands in ordinary pages too: it keeps nobody out.
CHALLENGE = _any(
    r"cdn-cgi/challenge-platform/[\w/.-]*orchestrate|_cf_chl_opt|cf-browser-verification|cf_chl_",
    r"<title>\s*just a moment(?:\.{3}|…)\s*</title|<title>\s*attention required! \| cloudflare",
)
CHALLENGE_SCRIPT = _any(r"<script\b[^<>]*\bid\s*=\s*[\"']?anubis_")  # of a page that says a lot about itself
CHALLENGE_WORDS = _any(
    r"verify(?:ing)? (?:that )?you are (?:a )?human|enable javascript and cookies to continue",
    r"checking (?:if the site connection is secure|your browser)",
    r"(?:checking|making sure|verifying)[^.<]{0,20} not a (?:ro)?bot",
    r"正在(?:为您)?(?:检查|验证|检测|确认)(?:[您你]?的?(?:浏览器|访问|访客)|[您你]是(?:否|不是))",
)
CHALLENGE_HEAD = _any(r"正在进行(?:浏览器|访问)?安全(?:检查|检测|验证)|(?:浏览器|访问|网站)?安全(?:检查|检测|验证)中")
#: A firewall that names itself, or speaks English.
WAF_NAMED = _any(
    r"网站防火墙|宝塔(?:WAF|防火墙)|web application firewall|mod_security|incapsula incident",
    r"(?:安全狗|云盾|云锁|创宇盾|D盾|玄武盾|护卫神|加速乐|云防护|网站卫士).{0,30}(?:拦截|阻断|阻止|防火墙)",
    r"(?:安全狗|网站卫士|奇安信|绿盟|知道创宇|云防护).{0,40}(?:受限|异常|风险|禁止)",
    r"access denied by (?:the )?(?:security|firewall)|request (?:has been |was |is )?(?:blocked|intercepted|rejected)",
    r"you have been blocked|the requested url was rejected",
)
#: What any says to its reader. Of roads and strangers the same is said, to nobody: see `TO_READER`.
WAF = _any(
    r"(?:访问|请求|操作|行为)(?:已经?)?被(?:系统)?(?:阻[断止挡]|拦截|拒绝|禁止)|请求(?:可能)?存在(?:安全)?(?:威胁|风险)",
    r"(?:访问|请求|行为)[^。]{0,12}(?:威胁|攻击|非法)|已被(?:网站)?(?:防火墙|管理员设置拦截)|不合法的?参数.{0,20}拦截",
    r"疑似(?:黑客|攻击|恶意)|异常(?:流量|访问行为)",
    r"ip(?:地址)?[^。]{0,30}(?:异常|封禁|被封|屏蔽|禁止|限制|不在被?允许|黑名单)",
    r"(?:访问|请求|操作)(?:频率)?(?:过于|太|过)(?:频繁|快|高)",
    r"(?:暂?不对|不向|禁止|限制)[^。]{0,8}境外|(?:访问|浏览)(?:权限)?受限|(?:限制|暂停)(?:您|本次)[^。]{0,6}访问",
)
_READER = r"[您你]|请稍|当前|本次|此次|本(?:网)?站|ip(?:地址|\s*[:：]?\s*\d)|\byour?\b"
TO_READER = _any(_READER)
#: What a notice says beside its heading, and an article about something else does not.
ADDRESSES = _any(
    _READER,
    r"(?<![申邀聘])请(?![求假示])|抱歉|对不起|感谢|谢谢|稍[后候等]|点击|拖动|滑动|刷新",
    r"\b(?:sorry|please|thanks?|we)\b",
)
CAPTCHA_WORDS = _any(
    r"验证码|安全验证|人机验证|滑动验证|滑块|完成(?:下列|以下)?验证|访问验证|访问(?:过于|太)频繁|captcha",
    r"(?:点击|点按|去)[^。]{0,6}验证|access verification",
    r"not a robot|are you (?:a )?(?:robot|human)|unusual traffic|security check",
)
CAPTCHA_PART = _any(
    r"<(?:img|input|iframe|script|div|form|canvas)\b[^<>]*?(?:captcha|geetest|seccode|verify_?-?(?:code|img|image)"
    r"|check_?code|vali(?:date)?_?code|\byzm\b|\bvcode\b|yanzhengma|turnstile|awsc|slide-?(?:block|verify|r)\b)",
)
#: Scripts that show nothing but a puzzle; a page of content may load them for a form of its own.
CAPTCHA_SCRIPT = _any(
    r"tencentcaptcha|tcaptcha|turing\.captcha|initgeetest|\bgt4?\.js|awsc|nocaptcha|_waf_(?:bd|is_)|wappass\.baidu",
    r"_yanzheng_",
)
CAPTCHA_HEAD = _any(
    r"(?:百度|腾讯云?|阿里云?|京东|新浪|微博|网易|搜狗|头条)?请?(?:先|您)?(?:完成|进行|输入|通过)?"
    r"(?:安全|人机|访问|身份|图形|图片|滑动|滑块|行为)?(?:验证码?|检测|校验)(?:中|页面|中心)?",
    r"security (?:check|verification)|captcha|human verification|attention required!?|robot check|are you human\??",
)
LOGIN_HEAD = _any(
    r"(?:请|您)?(?:先|需要|需)?(?:用户|会员|账号|帐号|系统|统一|学生|员工|扫码|微信)?"
    r"(?:登录|登入|登陆)(?:页面?|系统|中心|界面|后查看|后访问|后继续|您的账号)?",
    r"统一身份认证(?:平台|系统|中心|登录)?",
    r"(?:user |member |account |please |you must )?(?:log|sign)[ -]?in(?: page| required| to continue)?",
)
LOGIN_WORD = _any(  # beside a box to fill in; what a public account gives its followers is asked for as well
    r"登录|登入|登陆|log ?in|sign ?in",
    r"(?:访问|浏览|阅读)(?:口令|密码|码)|公众号[^。]{0,30}(?:口令|密码|验证码|暗号)",
)
LOGIN_SENTENCE = _any(
    r"(?:请|须|需|您)[^。]{0,20}(?:登录|登入|登陆|扫码)[^。]{0,4}后[^。]{0,6}(?:浏览|查看|访问|阅读|继续)"
)
LOGIN_PATH = _any(
    r"(?:^|[/_.-])(?:log[-_]?in|log[-_]?on|sign[-_]?in|passport|sso|cas|oauth2?|authorize|authenticate|user/auth)(?:$|[/_.?-])",
    r"mod=logging|action=login|do=login|mode=login|connect/(?:qrconnect|oauth2)",
)
LOGIN_HOST = _any(r"^(?:passport|login|signin|sso|cas|auth|accounts?|oauth|ids|uis|authserver)\d*\.")
_SHUT = (
    r"(?:site|website|forum|board)s? (?:is|has been) (?:temporarily |currently )?"
    r"(?:closed|offline|disabled|suspended|unavailable)"
)
CLOSED = _any(
    r"(?:本站|网站|站点|论坛|社区|服务|系统)?(?:已|暂时|临时|永久|正在|现已|被)*"
    r"(?:关闭|停止(?:服务|访问|运营|运行)|停服|下线|关站|系统维护|升级维护|维护)(?:公告|通知|中|了)?",
    rf"(?:this |the )?{_SHUT}",
    r"(?:down for|under|site) maintenance|account suspended|该(?:网站|域名).{0,12}(?:未备案|暂停|停用)",
)
_IS_SHUT = (
    r"[^。]{0,20}(?:已经?(?:关闭|停止)(?![^。]{0,6}(?:评论|注册|回复|发帖|发言|私信))"
    r"|暂停(?:访问|服务)|停止(?:访问|服务)|关站|(?:维护|升级)中|升级维护|(?:暂时)?无法访问|未备案)"
)
CLOSED_SENTENCE = _any(  # of a notice without a heading, on the site that shows it
    rf"(?:^|[\s，,:：])(?:本站点?|[本该此]社区|(?:本|该|此|您访问的)?(?:网站|站点|论坛)){_IS_SHUT}",
    r"没有找到站点|域名[^。]{0,8}(?:出售|过期|到期)|domain (?:is|may be) for sale",
    rf"\bthis {_SHUT}",
)
CLOSED_BY_NAME = _any(rf"(?:网站|站点|论坛){_IS_SHUT}")  # or on a page about another one
#: A site that is going to be closed is open.
TELLS_AHEAD = _any(r"(?:将|拟|定|计划)[于在](?![^。]{0,24}(?:恢复|开放|重新|上线|完成))")
CLOSED_WORDS = _any(
    r"维护|升级中|暂时关闭|已关闭|停止服务", rf"maintenance|(?:site|forum|board) (?:closed|offline)|{_SHUT}"
)
COOKIE_WORDS = _any(
    r"(?:启用|开启|打开|允许|支持)[^。<]{0,20}cookies?|cookies?[^。<]{0,12}(?:被禁用|已禁用|未启用|未开启)",
    r"cookies? (?:are|must be|is) (?:disabled|required|not enabled|enabled)|enable (?:your )?(?:browser )?cookies",
)
