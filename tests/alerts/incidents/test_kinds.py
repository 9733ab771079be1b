import pytest

from alerts.incidents.kinds import incident_name
from alerts.workflow.subjects import incident_key, incident_subject, is_incident


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("failed:bbs", "系统故障：信息源连续读取失败（bbs）"),
        ("network:all", "系统故障：多个信息源同时失联"),
        ("blind:outage", "系统故障：话题失去监测"),
        ("blocked:a:b", "系统故障：信息源拒绝访问（a:b）"),
        ("of another version", "系统故障：of another version"),
    ],
)
def test_an_incident_is_called_by_its_kind_and_its_thing(key: str, name: str) -> None:
    assert incident_name(key) == name


def test_a_subject_tells_an_incident_from_a_topic() -> None:
    assert incident_subject("failed:bbs") == "incident:failed:bbs"
    assert is_incident("incident:failed:bbs")
    assert not is_incident("outage")
    assert incident_key("incident:failed:bbs") == "failed:bbs"
