"""The words and marks that refusals are known by, in Chinese and English: kinds of wording, not single pages."""

import re
from re import IGNORECASE


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), IGNORECASE)


WAF_SCRIPT = _any(
    r"acw_sc__v\d|aliyun_?waf|__jsl_clearance|jsl_clearance_s|__jsluid|yunsuo_session|security_session_verify|wzws_",
    r"waf_?cookie|safeline|_incapsula_resource|__tst_status|eo_bot_ssid|\$_ts\s*=\s*window|cdn_sec_tc|__ddg\d",
    r"_guard/(?:auto|slide|click)\.js|ddos[-_]?guard|sucuri_cloudproxy",
)
FLOOD_GUARD = _any(r"页面重载开启|頁面重載開啟|attackevasive")
SETS_COOKIE = _any(r"document\s*\.\s*cookie\s*=", r"document\s*\[\s*['\"]cookie['\"]\s*\]", r"\bcookieStore\.set\b")
LOADS_AGAIN = _any(
    r"location\s*\.\s*(?:reload|replace|assign)|location(?:\s*\.\s*href)?\s*=[^=]|location\s*\[",
    r"history\s*\.\s*go\s*\(\s*0|\.submit\s*\(",
)
HIDDEN_SCRIPT = _any(r"\beval\s*\(|\\x[0-9a-f]{2}\\x|_0x[0-9a-f]{4}|fromCharCode")
CHALLENGE = _any(
    r"cdn-cgi/challenge-platform|_cf_chl_opt|cf-browser-verification|cf_chl_",
    r"<title>\s*just a moment(?:\.{3}|…)|<title>\s*attention required! \| cloudflare",
)
CHALLENGE_WORDS = _any(
    r"verify(?:ing)? (?:that )?you are (?:a )?human|enable javascript and cookies to continue",
    r"checking (?:if the site connection is secure|your browser)|正在检查您?的?浏览器",
)
WAF = _any(
    r"(?:访问|请求|操作|行为)(?:已)?被(?:系统)?(?:阻断|拦截|拒绝|禁止)|请求(?:可能)?存在(?:安全)?(?:威胁|风险)|网站防火墙",
    r"(?:访问|请求|行为)[^。]{0,12}(?:威胁|攻击|非法)|已被(?:网站)?(?:防火墙|管理员设置拦截)|不合法的?参数.{0,20}拦截",
    r"(?:安全狗|云盾|云锁|创宇盾|加速乐|云防护|宝塔).{0,30}(?:拦截|阻断|防火墙)|web application firewall|mod_security",
    r"access denied by (?:the )?(?:security|firewall)|request (?:has been |was |is )?(?:blocked|intercepted|rejected)",
    r"you have been blocked|incapsula incident|the requested url was rejected",
)
CAPTCHA_WORDS = _any(
    r"验证码|驗證碼|安全验证|人机验证|人機驗證|滑动验证|滑块|完成验证|访问验证|访问(?:过于|太)频繁|captcha",
    r"not a robot|are you (?:a )?(?:robot|human)|unusual traffic|security check",
)
CAPTCHA_PART = _any(
    r"<(?:img|input|iframe|script|div|form|canvas)\b[^<>]*?(?:captcha|geetest|seccode|verify_?-?(?:code|img|image)"
    r"|check_?code|vali(?:date)?_?code|\byzm\b|\bvcode\b|yanzhengma|turnstile|awsc|slide-?(?:block|verify|r)\b)",
)
CAPTCHA_HEAD = _any(
    r"(?:请|請)?(?:先|您)?(?:完成|进行|進行|输入|輸入|通过)?(?:安全|人机|人機|访问|身份|图形|图片|滑动|滑块|行为)?"
    r"(?:验证码?|驗證碼?|检测|校验)(?:中|页面|中心)?",
    r"security (?:check|verification)|captcha|human verification|attention required!?|robot check|are you human\??",
)
LOGIN_HEAD = _any(
    r"(?:请|請|您)?(?:先|需要|需)?(?:用户|用戶|会员|會員|账号|帐号|帳號|系统|统一|学生|员工|扫码|微信)?"
    r"(?:登录|登錄|登入|登陆)(?:页面?|系统|中心|界面|后查看|后访问|后继续|您的账号)?",
    r"统一身份认证(?:平台|系统|中心|登录)?",
    r"(?:user |member |account |please |you must )?(?:log|sign)[ -]?in(?: page| required| to continue)?",
)
LOGIN_WORD = _any(r"登录|登錄|登入|登陆|log ?in|sign ?in")
LOGIN_PATH = _any(
    r"(?:^|[/_.-])(?:log[-_]?in|log[-_]?on|sign[-_]?in|passport|sso|cas|oauth2?|authorize|authenticate|user/auth)(?:$|[/_.?-])",
    r"mod=logging|action=login|do=login|mode=login",
)
LOGIN_HOST = _any(r"^(?:passport|login|signin|sso|cas|auth|accounts?|oauth|ids|uis|authserver)\d*\.")
CLOSED = _any(
    r"(?:本站|网站|網站|站点|论坛|論壇|社区|服务|系统)?(?:已|暂时|暫時|临时|永久|正在|现已|被)*"
    r"(?:关闭|關閉|停止(?:服务|访问|运营|运行)|停服|下线|关站|维护中|系统维护|升级维护)(?:公告|通知|中|了)?",
    r"(?:this |the )?(?:site|website|forum|board)s? (?:is|has been) (?:temporarily |currently )?"
    r"(?:closed|offline|disabled|suspended|unavailable)",
    r"(?:down for|under|site) maintenance|account suspended|该(?:网站|域名).{0,12}(?:未备案|暂停|停用)",
)
CLOSED_WORDS = _any(
    r"维护|維護|升级中|升級中|暂时关闭|已关闭|已關閉|停止服务",
    r"maintenance|(?:site|forum|board) (?:is )?(?:closed|offline)",
)
COOKIE_WORDS = _any(
    r"(?:启用|开启|打开|允许|支持|啟用|開啟)[^。<]{0,20}cookies?|cookies?[^。<]{0,12}(?:被禁用|已禁用|未启用|未开启)",
    r"cookies? (?:are|must be|is) (?:disabled|required|not enabled|enabled)|enable (?:your )?(?:browser )?cookies",
)
