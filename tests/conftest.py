"""Hypothesis keeps to a budget: the suite runs on two busy cores, and a slow draw is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite", max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")
