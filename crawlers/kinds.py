"""The kinds of source by their key in crawlers.yml: how each is described, who reads it, which parser its posts name.

Another kind is another row; nothing else in this package knows the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from crawlers.pages.discourse.forum import PARSER as DISCOURSE
from crawlers.pages.discourse.forum import VERSION as DISCOURSE_VERSION
from crawlers.pages.discourse.forum import DiscourseForum
from crawlers.pages.discuz.forum import PARSER as DISCUZ
from crawlers.pages.discuz.forum import VERSION as DISCUZ_VERSION
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.feed import PARSER as FEED
from crawlers.pages.feed import VERSION as FEED_VERSION
from crawlers.pages.flarum.forum import PARSER as FLARUM
from crawlers.pages.flarum.forum import VERSION as FLARUM_VERSION
from crawlers.pages.flarum.forum import FlarumForum
from crawlers.pages.mastodon.api import PARSER as MASTODON
from crawlers.pages.mastodon.api import VERSION as MASTODON_VERSION
from crawlers.pages.mybb.forum import PARSER as MYBB
from crawlers.pages.mybb.forum import VERSION as MYBB_VERSION
from crawlers.pages.mybb.forum import MybbForum
from crawlers.pages.nodebb.forum import PARSER as NODEBB
from crawlers.pages.nodebb.forum import VERSION as NODEBB_VERSION
from crawlers.pages.nodebb.forum import NodebbForum
from crawlers.pages.phpbb.forum import PARSER as PHPBB
from crawlers.pages.phpbb.forum import VERSION as PHPBB_VERSION
from crawlers.pages.phpbb.forum import PhpbbForum
from crawlers.pages.site.sitemap import PARSER as SITE
from crawlers.pages.site.sitemap import VERSION as SITE_VERSION
from crawlers.pages.v2ex.forum import PARSER as V2EX
from crawlers.pages.v2ex.forum import VERSION as V2EX_VERSION
from crawlers.pages.v2ex.forum import V2exForum
from crawlers.pages.wechat.article import PARSER as WECHAT
from crawlers.pages.wechat.article import VERSION as WECHAT_VERSION
from crawlers.pages.weibo.api import PARSER as WEIBO
from crawlers.pages.weibo.api import VERSION as WEIBO_VERSION
from crawlers.pages.wordpress.rest import PARSER as WORDPRESS
from crawlers.pages.wordpress.rest import VERSION as WORDPRESS_VERSION
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.forums.board_sources import (
    DiscourseSource,
    FlarumSource,
    MybbSource,
    NodebbSource,
    PhpbbSource,
    V2exSource,
)
from crawlers.pull.forums.forum_source import DiscuzSource
from crawlers.pull.sites.mastodon_source import MastodonSource
from crawlers.pull.sites.site_source import SiteSource
from crawlers.pull.sites.wechat_source import WechatSource
from crawlers.pull.sites.weibo_source import WeiboSource
from crawlers.pull.sites.wordpress_source import WordPressSource
from crawlers.push.file_source import FileSource
from crawlers.push.folder.source import FolderSource
from crawlers.push.mailbox.source import MAILBOX, MAILBOX_VERSION, MailboxSource
from crawlers.push.reception.sources import (
    SUGGESTIONS,
    SUGGESTIONS_VERSION,
    WEBHOOK,
    WEBHOOK_VERSION,
    WECOM,
    WECOM_VERSION,
    SuggestionsSource,
    WebhookSource,
    WecomSource,
)
from crawlers.push.tables import PARSER as FILE
from crawlers.push.tables import VERSION as FILE_VERSION
from crawlers.source import PulledSource, Source


class Coming(StrEnum):
    """How posts of a source come."""

    PULLED = "pulled"  # we fetch them, by the clock
    PUSHED = "pushed"  # they are handed in


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """One kind. `source` is its configuration, told apart by `software`.

    `needs` are what it does not start without and no type says: secrets by the keys of their files, and what is one or
    the other.

    `reader` is where its spider, or its importer, lies: by path, as Scrapy names its parts, since who only reads the
    configuration need not load Scrapy. `given` is what a spider is made with besides the crawl's context. `description`
    says what is read and how, `tested` against what; `python -m crawlers kinds` shows both.
    """

    source: type[Source]
    reader: str
    parser: str
    version: int
    given: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    description: str = ""
    tested: str = ""

    @property
    def coming(self) -> Coming:
        """Whether we fetch it."""
        return Coming.PULLED if issubclass(self.source, PulledSource) else Coming.PUSHED

    @property
    def options(self) -> frozenset[str]:
        """The keys that it knows."""
        return frozenset(option.name for option in fields(self.source))


KINDS: Mapping[str, SourceKind] = {
    "discuz": SourceKind(
        source=DiscuzSource,
        reader="crawlers.pull.forums.forum.ForumSpider",
        parser=DISCUZ,
        version=DISCUZ_VERSION,
        given={"software": DiscuzForum},
        description="Discuz! X forums by their pages; threads, replies, edits, deletions. Where their layout changed,"
        " what is new by the view for telephones and the archiver's lists",
        tested="X3.5 servers, UTF-8 and GBK; recordings",
    ),
    "nodebb": SourceKind(
        source=NodebbSource,
        reader="crawlers.pull.forums.forum.ForumSpider",
        parser=NODEBB,
        version=NODEBB_VERSION,
        given={"software": NodebbForum},
        description="NodeBB forums by their JSON under /api; threads, replies, edits, deletions",
        tested="a recording of 4.6 in two states; a live 1.4",
    ),
    "phpbb": SourceKind(
        source=PhpbbSource,
        reader="crawlers.pull.forums.forum.ForumSpider",
        parser=PHPBB,
        version=PHPBB_VERSION,
        given={"software": PhpbbForum},
        description="phpBB boards by their pages; threads, replies, edits, polls' options",
        tested="own fixtures, by what a 3.3.16 server showed",
    ),
    "mybb": SourceKind(
        source=MybbSource,
        reader="crawlers.pull.forums.forum.ForumSpider",
        parser=MYBB,
        version=MYBB_VERSION,
        given={"software": MybbForum},
        description="MyBB boards by their pages; threads, replies, edits",
        tested="own fixtures, by what a 1.8 server showed",
    ),
    "discourse": SourceKind(
        source=DiscourseSource,
        reader="crawlers.pull.forums.forum.ForumSpider",
        parser=DISCOURSE,
        version=DISCOURSE_VERSION,
        given={"software": DiscourseForum},
        description="Discourse forums by their JSON; threads, replies, edits",
        tested="own fixtures, by its public source",
    ),
    "flarum": SourceKind(
        source=FlarumSource,
        reader="crawlers.pull.forums.forum.ForumSpider",
        parser=FLARUM,
        version=FLARUM_VERSION,
        given={"software": FlarumForum},
        description="Flarum forums by their JSON:API; discussions, replies, edits",
        tested="own fixtures, by its public source",
    ),
    "v2ex": SourceKind(
        source=V2exSource,
        reader="crawlers.pull.forums.forum.ForumSpider",
        parser=V2EX,
        version=V2EX_VERSION,
        needs=("boards",),
        given={"software": V2exForum},
        description="V2EX by its public API, at 120 calls an hour; the latest topics of named nodes, replies",
        tested="own fixtures, by what is written of its API",
    ),
    "feed": SourceKind(
        source=FeedSource,
        reader="crawlers.pull.feed.FeedSpider",
        parser=FEED,
        version=FEED_VERSION,
        description="RSS, Atom and JSON Feed, also a bridge's: the entries that a site shows",
        tested="WordPress and NodeBB recordings",
    ),
    "wordpress": SourceKind(
        source=WordPressSource,
        reader="crawlers.pull.sites.wordpress.WordPressSpider",
        parser=WORDPRESS,
        version=WORDPRESS_VERSION,
        description="WordPress sites by their REST interface: posts, comments, edits, deletions",
        tested="recording of 6.1 in two states, by its REST pages; live 6.1, addresses rewritten or not",
    ),
    "file": SourceKind(
        source=FileSource,
        reader="crawlers.push.files.import_file",
        parser=FILE,
        version=FILE_VERSION,
        description="CSV, XLSX, JSON, tables of web pages, handed in: rows, by a map of columns",
        tested="own fixtures, Excel's GBK",
    ),
    "site": SourceKind(
        source=SiteSource,
        reader="crawlers.pull.sites.site.SiteSpider",
        parser=SITE,
        version=SITE_VERSION,
        description="news sites: articles by their sitemaps and pages",
        tested="own fixtures; trafilatura",
    ),
    "wechat": SourceKind(
        source=WechatSource,
        reader="crawlers.pull.sites.wechat.WechatSpider",
        parser=WECHAT,
        version=WECHAT_VERSION,
        description="公众号 by the owner's own bridge, and each article's page",
        tested="own fixtures; never WeChat itself",
    ),
    "weibo": SourceKind(
        source=WeiboSource,
        reader="crawlers.pull.sites.weibo.WeiboSpider",
        parser=WEIBO,
        version=WEIBO_VERSION,
        needs=("token_file",),
        description="the organisation's own account by the open platform's API, long texts whole where it may ask",
        tested="own fixtures; the API played on loopback",
    ),
    "mastodon": SourceKind(
        source=MastodonSource,
        reader="crawlers.pull.sites.mastodon.MastodonSpider",
        parser=MASTODON,
        version=MASTODON_VERSION,
        needs=("accounts or hashtags",),
        description="accounts and hashtags of Mastodon-compatible servers",
        tested="own fixtures; the API played on loopback",
    ),
    "folder": SourceKind(
        source=FolderSource,
        reader="crawlers.push.folder.taking.take_folder",
        parser=FILE,
        version=FILE_VERSION,
        description="a drop folder of files, by cron: as `file` reads them",
        tested="own fixtures",
    ),
    "mailbox": SourceKind(
        source=MailboxSource,
        reader="crawlers.push.mailbox.taking.take_mailbox",
        parser=MAILBOX,
        version=MAILBOX_VERSION,
        needs=("password_file",),
        description="a mailbox of its own on IMAP, by cron",
        tested="Dovecot",
    ),
    "wecom": SourceKind(
        source=WecomSource,
        reader="crawlers.push.reception.wecom.read_message",
        parser=WECOM,
        version=WECOM_VERSION,
        needs=("token_file", "aes_key_file"),
        description="企业微信 messages, as its callback sends them; 微信客服 by its API",
        tested="the vendor's published vector; openssl; the API played on loopback",
    ),
    "webhook": SourceKind(
        source=WebhookSource,
        reader="crawlers.push.reception.webhook.read_posts",
        parser=WEBHOOK,
        version=WEBHOOK_VERSION,
        needs=("key_file",),
        description="posts as signed JSON over HTTP, from a program of yours",
        tested="own fixtures; openssl",
    ),
    "suggestions": SourceKind(
        source=SuggestionsSource,
        reader="crawlers.push.reception.suggestion.as_observation",
        parser=SUGGESTIONS,
        version=SUGGESTIONS_VERSION,
        description="a suggestion box: a form on a page of ours",
        tested="Chromium, 360 px",
    ),
}
