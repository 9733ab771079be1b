import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result
from yaml import safe_dump

from nlp.cli.commands import main
from stream.codec import POSTS
from stream.codec import SCORED as SCORED_POSTS
from stream.config import StreamConfig
from stream.engines import apply_topics, open_consumer, open_producer
from stream.errors import EXIT_CONFIG
from stream.log.broker import RAW, SCORED, Message
from stream.messages import Counts, Crawl, Kind, Label, Post, Precision, content_hash, post_id
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration

SHIPPED = Path(__file__).parents[3] / "configs"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
THREAD = post_id("bbs", "thread")


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    copytree(SHIPPED, tmp_path / "configs")
    copytree(SHIPPED / "example", tmp_path / "configs", dirs_exist_ok=True)
    return tmp_path / "configs"


def run(configs: Path, *words: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(main, [words[0], "--configs", str(configs), *words[1:]], given)


def test_every_command_says_in_a_line_what_it_does() -> None:
    told = CliRunner().invoke(main, ["--help"]).output
    assert all(command in told for command in ("score", "match", "classify", "check-config", "train"))
    assert told.count("...") == 1, "but for the usage line, nothing is cut"


def test_match_shows_topic_rule_words_and_places(configs: Path) -> None:
    told = run(configs, "match", "滨江路[b]小区停 电了").output
    assert "停电抢修" in told
    assert "【停电】" in told
    assert "[b]" in told


def test_match_shows_words_as_they_were_written(configs: Path) -> None:
    told = run(configs, "match", "昨晚供電局變⚡電⚡站 冒著黑煙").output
    assert all(word in told for word in ("昨晚【供電局】變", "【變⚡電⚡站】", "冒著【黑煙】"))
    assert "供电局" in told, "beside it stands the word of the rule"


def test_match_calls_what_meets_no_topic_by_its_name(configs: Path) -> None:
    told = run(configs, "match", "供电公司换招牌").output
    assert all(word in told for word in ("elsewhere", "其他涉及本公司", "【供电公司】"))
    assert "elsewhere" not in run(configs, "match", "供电公司停电").output


def test_match_says_so_where_nothing_matches(configs: Path) -> None:
    assert "no rule" in run(configs, "match", "今天天气真好").output


def test_match_reads_standard_input(configs: Path) -> None:
    assert "outage" in run(configs, "match", "-", given="小区停电了\n".encode() + b"\xff").output


def test_match_of_a_very_long_text_shows_the_first_places(configs: Path) -> None:
    told = run(configs, "match", "小区停电" * 5000).output
    assert "more" in told
    assert len(told) < 10_000


@pytest.mark.parametrize("command", ["match x", "classify", "score --once", "check-config"])
def test_mistakes_in_the_configuration_end_every_command_before_it_starts(configs: Path, command: str) -> None:
    for name in ("topics.yml", "nlp.yml"):
        (configs / name).write_text("colour: red", "utf-8")
    answer = run(configs, *command.split())
    assert answer.exit_code == EXIT_CONFIG
    assert "colour: unknown key" in answer.output


@pytest.mark.parametrize("command", ["classify", "score --once"])
@pytest.mark.parametrize("scorer", ["openvino", "torch"])
def test_a_model_that_is_not_there_is_told_as_a_mistake(
    configs: Path, tmp_path: Path, command: str, scorer: str
) -> None:
    (configs / "nlp.yml").write_text(f"{{scorer: {scorer}, model: {tmp_path / 'nowhere'}}}", "utf-8")
    (configs / "stream.yml").write_text(f"var: {tmp_path / 'var'}", "utf-8")
    answer = run(configs, *command.split())
    assert answer.exit_code == EXIT_CONFIG
    assert answer.output.startswith(f"nlp.yml: model: {tmp_path / 'nowhere'}")
    assert not (tmp_path / "var").exists()


def test_training_takes_its_settings_from_the_configuration(configs: Path, tmp_path: Path) -> None:
    (configs / "training.yml").write_text("seeds: 1", "utf-8")
    answer = run(configs, "pretrain", str(tmp_path), str(tmp_path / "out"))
    assert answer.exit_code == EXIT_CONFIG
    assert "seeds: unknown key" in answer.output


def test_another_recipe_is_taken_by_its_name_and_checked_like_the_first(configs: Path, tmp_path: Path) -> None:
    (configs / "training-large.yml").write_text("seeds: 1", "utf-8")
    answer = run(configs, "pretrain", "--recipe", "training-large", str(tmp_path), str(tmp_path / "out"))
    assert answer.exit_code == EXIT_CONFIG
    assert "training-large.yml: seeds: unknown key" in answer.output
    assert "training-large.yml: seeds: unknown key" in run(configs, "check-config").output


def test_a_model_folder_that_is_not_here_is_told_beside_the_check(configs: Path, tmp_path: Path) -> None:
    (configs / "nlp.yml").write_text(f"model: {tmp_path / 'nowhere'}", "utf-8")
    answer = run(configs, "check-config")
    assert answer.exit_code == 0, "the file is sound, and the folder may be mounted elsewhere"
    assert f"model: there is no manifest.json in {tmp_path / 'nowhere'} here" in answer.stderr


def test_a_rule_that_never_matches_is_told_beside_the_check(configs: Path) -> None:
    topics = configs / "topics.yml"
    topics.write_text(topics.read_text("utf-8").replace("[电费,", "[电费、账单,", 1), "utf-8")
    answer = run(configs, "check-config")
    assert answer.exit_code == 0
    assert "topics.yml: topics.bill.rules.0.any_of: '电费、账单' is one word" in answer.stderr


def test_the_shipped_configuration_is_sound(configs: Path) -> None:
    answer = run(configs, "check-config")
    assert ("no mistakes" in answer.stdout, answer.stderr) == (True, "")


def test_a_rule_that_no_post_can_meet_is_warned_of_with_its_words(configs: Path) -> None:
    never = {"any_of": ["大停电", "停電了"], "none_of": ["演习", "停电"]}
    many = {"all_of": ["@many"], "none_of": ["电"]}
    raw = {
        "topics": {"outage": {"name": "停电", "owner": "x", "rules": [{"any_of": "断水"}, never, many]}},
        "aliases": {"many": [f"电{number}" for number in range(9)]},
    }
    (configs / "topics.yml").write_text(safe_dump(raw, allow_unicode=True), "utf-8")
    answer = run(configs, "check-config")
    first, second = answer.stderr.splitlines()
    assert answer.exit_code == 0
    assert first == (
        f"warning: {configs}/topics.yml: topics.outage.rules.1: no post can meet this rule: any_of wants 大停电 or "
        "停電了, and whatever has that has 停电, which none_of forbids: take out one of the two"
    )
    assert "rules.2: no post can meet this rule: all_of wants 电0 or 电1 or 电2 or 电3 or 电4 or 4 more, and" in second


def test_classify_answers_line_for_line(configs: Path) -> None:
    lines = [json.dumps({"text": "停电三天没人管，气死我了"}), "{", json.dumps({"text": "谢谢抢修师傅，辛苦了"})]
    answer = run(configs, "classify", given="\n".join(lines))
    negative, bad, positive = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.exit_code == 1
    assert bad["line"] == 2
    assert negative["negative"] > positive["negative"]
    assert sum(negative["emotion"].values()) == pytest.approx(1)
    assert sum(negative["polarity"].values()) == pytest.approx(1)
    assert "@" in negative["model"]
    assert run(configs, "classify", given=lines[0]).exit_code == 0


def test_score_works_off_the_log_and_ends(configs: Path, tmp_path: Path) -> None:
    (configs / "stream.yml").write_text(f"var: {tmp_path / 'var'}", "utf-8")
    config = Configuration(configs, {}).add("stream.yml", StreamConfig)()
    apply_topics(config)
    clock = SystemClock()
    with closing(open_producer(config, clock)) as producer:
        producer.publish([Message(RAW, THREAD, POSTS.encode(reply(text))) for text in ("停电三天没人管，气死我了", "")])
    assert run(configs, "score", "--once").exit_code == 0
    with closing(open_consumer(config, clock, "test", [SCORED])) as consumer:
        first, second = [SCORED_POSTS.decode(record.value) for record in consumer.poll(10, 0)]
    assert first.label is Label.NEGATIVE
    assert first.topics == ("rumour",)
    assert second.unscored == "empty"


def reply(text: str) -> Post:
    return Post(
        id=post_id("bbs", text),
        site="bbs",
        native_id=text,
        source="bbs",
        kind=Kind.REPLY,
        thread_id=THREAD,
        url="https://bbs.example/1",
        title="",
        text=text,
        published_at=NOW,
        published_precision=Precision.MINUTE,
        first_seen_at=NOW,
        observed_at=NOW,
        counted_at=NOW,
        charted_at=NOW,
        counts=Counts(),
        content_hash=content_hash("", text),
        crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=1),
    )
