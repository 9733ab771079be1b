"""Unit costs, and what follows from them for a rate of posts. Pure: measured.json says what was measured, and where."""

from dataclasses import dataclass
from math import ceil

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Core-milliseconds a post at each place, and bytes it leaves there. `where` says on what they were measured."""

    where: str
    score_ms: float  # decode, text, model, topics, encode
    client_ms: float  # kafka-python, both hops of both stages
    bulk_ms: float  # the index stage's own work for one post
    broker_ms: float  # the brokers' processors, both topics, one copy
    elastic_ms: float  # the index server's, one copy
    raw_bytes: float  # in the log, compressed, one copy
    scored_bytes: float
    index_bytes: float  # on the index server's disk, one copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What no measurement here can tell; each is an input to be replaced by one's own figure."""

    busy: float = 0.6  # of a core, on average: the rest is for peaks and for catching up
    cores: int = 16  # of one host
    copies: int = 3  # of each record of the log
    replicas: int = 1  # of the index, beside the first copy
    days: int = 90
    gpu_speedup: float = 200.0  # one GPU of a data centre against one core, for this model: to be measured
    partition_rate: float = 2_000.0  # posts a second that one scorer process takes from one partition at most
    shard_bytes: float = 50e9
    node_bytes: float = 8e12  # disk of one node, log or index
    watched: int = 50  # topics, for the detector's queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one rate asks for, in whole things."""

    rate: int
    partitions: int
    brokers: int
    scorer_cores: int
    scorer_hosts: int
    gpus: int
    index_stage_cores: int
    index_nodes: int
    shards_a_month: int
    log_terabytes: float
    index_terabytes: float
    network_gigabits: float
    hours_a_day: int


def needs(rate: int, costs: Costs, assumed: Assumed) -> Needs:
    """Hosts and disks for `rate` posts a second, around the clock, kept for `assumed.days`."""
    per_core = 1000 * assumed.busy  # core-milliseconds a second
    log_bytes = (costs.raw_bytes + costs.scored_bytes) * rate * DAY * assumed.days * assumed.copies
    month = costs.index_bytes * rate * DAY * 30
    index_bytes = costs.index_bytes * rate * DAY * assumed.days * (1 + assumed.replicas)
    scorer_cores = ceil(rate * (costs.score_ms + costs.client_ms) / per_core)
    index_cores = ceil(rate * costs.bulk_ms / per_core)
    broker_cores = rate * costs.broker_ms * assumed.copies / per_core
    elastic_cores = rate * costs.elastic_ms * (1 + assumed.replicas) / per_core
    brokers = max(3, ceil(broker_cores / assumed.cores), ceil(log_bytes / assumed.node_bytes))
    nodes = max(1 + assumed.replicas, ceil(elastic_cores / assumed.cores), ceil(index_bytes / assumed.node_bytes))
    scorer_hosts, index_hosts = ceil(scorer_cores / assumed.cores), ceil(index_cores / assumed.cores)
    traffic = (costs.raw_bytes + costs.scored_bytes) * (assumed.copies + 1) + costs.index_bytes * (2 + assumed.replicas)
    return Needs(
        rate=rate,
        partitions=max(6, scorer_cores, ceil(rate / assumed.partition_rate)),
        brokers=brokers,
        scorer_cores=scorer_cores,
        scorer_hosts=scorer_hosts,
        gpus=ceil(rate * costs.score_ms / (per_core * assumed.gpu_speedup)),
        index_stage_cores=index_cores,
        index_nodes=nodes,
        shards_a_month=max(1, ceil(month / assumed.shard_bytes)),
        log_terabytes=log_bytes / 1e12,
        index_terabytes=index_bytes / 1e12,
        network_gigabits=traffic * rate * 8 / 1e9,
        hours_a_day=24 * (brokers + nodes + scorer_hosts + index_hosts + 2),  # and two for PostgreSQL
    )
