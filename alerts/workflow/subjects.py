"""What a case is about: a topic of the public, or an incident of our own, by what stands in its `topic`."""

INCIDENT = "incident:"


def incident_subject(key: str) -> str:
    """Writes what stands as the topic of an incident's case; `key` is `kind:thing`."""
    return INCIDENT + key


def is_incident(topic: str) -> bool:
    """Tells whether the case is about a source or a part of ours."""
    return topic.startswith(INCIDENT)


def incident_key(topic: str) -> str:
    """Reads the incident's key, `kind:thing`, from what stands as its case's topic."""
    return topic.removeprefix(INCIDENT)
