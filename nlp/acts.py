"""What a post does: appeals, asks, tells, mocks or calls others to act. Rules, not a model, and named as such.

The organisation's own word that something is not so is a clarification, whatever else it asks of its readers. Of
anything else the first row of the table that is met decides; what meets none tells. Rules read words, so irony without
a marker is missed and a quoted demand counts as one: nlp/model/README.md has precision and recall on posts labelled by
hand.
"""

import regex

from nlp.clarifications import clarifies
from stream.messages import Act

RULES = "act-rules@4"  # a new version whenever a row changes, so that records say which rules decided

_HASHTAG = regex.compile(r"#[^#\n]{1,60}#")
_REPOSTED = " // "  # nlp.text: what follows are somebody else's words
_LONGEST = 2_000  # characters looked at

_CALL = r"""
    抵制|扩散|罢(?:工|课|市|买)|联名|众筹|(?:集体|一起|组团|抱团)(?:去|来)?(?:投诉|维权|上访|举报|抵制|退|讨)|维权群|进群
    |(?:求|帮|请|望|麻烦|速|快)(?:大家|各位)?(?:帮忙)?(?:转发|转起|扩|顶)|转起来|顶起来|顶上去|让更多(?:的)?人(?:看|知)
    |呼吁|号召|倡议|行动起来|团结起来|站出来
    |(?:大家|各位|同胞|兄弟|姐妹|朋友|同志|乡亲|街坊|邻居|业主|全民|人人)们?[^?]{0,8}
        (?:别再?(?!人)|不要|不能再|千万|一定|务必|都(?:得|要|去|来)|快|赶紧|注意|小心|警惕|看看|看清|重视|引以为戒|一起|记得|醒醒)
    |千万(?:别|不要|要)|务必|(?:一定|必须)要?(?:戴|做好|注意|小心|重视|保护|警惕|当心)
    |(?:不要|别|不能|不可)(?:再)?(?:放松|掉以轻心|大意|信谣|传谣|相信|上当|去了|买了|提了|聚集)
    |(?:注意|警惕|行动)起来|(?:戴好|戴)口罩!|(?:^|[,。!;~\s])少出门
    |(?:^|[,。!;~\s])(?:要|得|都要|都得)(?:重视|注意|警惕|小心|当心|对[^,。!?]{0,8}负责)
"""
_APPEAL = r"""
    (?<![不没])(?<!打算)(?<!不想)投诉(?!(?:电话|热线)?(?:是|打)?(?:多少|几|哪))|举报|反映(?:了|过|给|一下|情况|问题)|申诉|上访|信访|维权|讨薪|请求|恳请|恳求|跪求|求助|求求|诉求|救救|帮帮
    |强烈要求|要求[^?]{0,20}(?:解决|处理|道歉|赔偿|退|整改|公开|恢复|调查|给)
    |(?:能不能|可不可以|能否|可否)(?:把|给|别|不要|不|快|尽快|赶快|延|早|多|少|让)|求求[^,。!?]{0,6}(?:重视|管|解决|放)
    |(?:希望|盼|望|请|求|建议|麻烦|能不能|能否|可否|可不可以|是否可以|可以不可以)[^?。!]{0,24}
        (?:解决|处理|改|调[一整]|彻查|严查|查一?查|查处|重视|管管|管一?管|辟谣|回应|答复|公开|公布|核实|整治|恢复|安排|落实|修|增加|延长|降低|退|赔|加强|取消|考虑|支援|换|给个|出来)
    |没人(?:管|理|修|接|处理|负责)|无人(?:管|理|问津|负责)|不(?:管不顾|作为|解决|处理|给解决|给退|退钱|退款|发工资)|踢皮球|推诿|扯皮|敷衍
    |拖欠|欠薪|克扣|乱收费|扣了?(?:我|我们)[^,。]{0,6}(?:钱|工资|费)|退钱|退款|赔偿|赔钱|还我|讨个?说法|给个?(?:说法|交代|解释)
    |谁来?管(?:管|一管)?|有没有人管|管不管|为民做主|彻查|严查|严惩|严肃处理
    |(?:赶紧|赶快|尽快|快点?|速速|早点)(?:给)?(?:来|修|解决|处理|恢复|采取|出(?:台|点|面|来)|想(?:想|个)?办法|查|整改|通电|送电|管|安排|发(?!现|生))
    |(?:打|拨)(?:了|过)?[^,。!?]{0,14}(?:不通|没人接|不接)|态度(?:太|真|极|很|这么)?(?:差|恶劣)|扰民|挑战[^?]{0,6}(?:耐心|底线)
    |(?:又|还|一直|老是|总是|天天|连续)[^,。!?]{0,6}(?:停电|断电|停水|跳闸|没电|没来电|坏了?|故障)|却(?:不能|不给|不让|没有|领不|买不)
    |凭(?:什么|啥)(?!说)|拖(?:了|着)[^,。!?]{0,4}(?:个月|年|天)|要求[^,。!?]{0,4}(?:上门|校表)
"""
_MOCKERY = r"""
    呵呵(?!呵)|\[(?:呵呵|doge|二哈|鄙视|小丑|并不简单)\]
    |敢情|合着|情何以堪|何居心|真行啊?|真有你的|可真(?:行|棒|敢|会)|不愧是|好一个|真会玩|也配|有脸|打脸|双标|吃相|砖家|叫兽|临时工
    |(?:就|这)(?:这|水平|效率|服务|态度|素质)[??]|笑(?:死人|掉大牙|话)|滑稽|小丑|牛逼|牛掰|厉害了|佩服佩服|涨姿势|长见识|也是醉了|奇葩
    |(?:怎么|咋|为什么|为啥|干嘛|何)不(?:去|直接|干脆|说|上天|早说|给)|难道[^,。!?]{1,16}吗|还叫|原来如此|就这[么]?[^,。!?]{0,6}也
    |有什么(?:两样|区别|不同)|一定会说|是不是(?:还|该|得|应该)(?:要)?(?:感谢|谢谢|鼓掌|庆幸)|没见(?:你|他)们?|碍着|金玉其外|没事干
    |(?:真|可|太)(?:是)?(?:高|英明|伟大|贴心|优秀|及时)(?:啊|呀|呢)|全靠(?:吹|嘴|编)|吹(?:牛|上天)|编(?:不下去|吧)|糊弄|忽悠
"""
_QUESTION = r"""
    (?<![\s?])\?(?=\?*[^?。!;]{0,8}[\s?!]*$)|(?:吗|嗎|么|呢|嘛)[\s~。!…?]*$|真的假的|是真的?(?:吗|么)
    |请问|问一下|问下|想问|求问|求解|求科普|求真相|求推荐|求告知|求答案|(?:有谁|谁|有没有人?|有木有人?)(?:知道|能|了解|懂|遇到|也|等)
    |^[^,。!?;]{0,12}(?:(?:什么|啥)时候|[何几]时|几点|为(?:什么|啥|何)|怎么|如何|哪(?:里|儿|个|家|位|天)|在哪|多少(?!年|人|次)|多久)[^,。!?;]{0,12}$
"""
_TABLE = tuple(
    (act, regex.compile(pattern, regex.VERBOSE))
    for act, pattern in (
        (Act.CALL, _CALL),
        (Act.APPEAL, _APPEAL),
        (Act.MOCKERY, _MOCKERY),
        (Act.QUESTION, _QUESTION),
    )
)


def act_of(prepared: str, *, organisation: bool = False) -> Act | None:
    """Tell what a text prepared by nlp.text does in its author's own words; None where there are none.

    `organisation`: the text names the organisation that is watched over.

    >>> act_of("工资拖了三个月,什么时候发")
    <Act.QUESTION: 'question'>
    """
    own = prepared.partition(_REPOSTED)[0][:_LONGEST]
    words = " ".join(_HASHTAG.sub(" ", own).split()) or own
    if not words:
        return None
    if clarifies(own, organisation=organisation):
        return Act.CLARIFICATION
    return next((act for act, pattern in _TABLE if pattern.search(words)), Act.STATEMENT)
