"""What training and measuring refuse.

TrainingError
├── PackagesMissing      install what training needs
├── NoTexts              give files with texts
└── QualityLost          the smaller model is no replacement
"""

from stream.errors import WenfengError


class TrainingError(WenfengError):
    """Raised when something named in this module happened; never raised itself."""


class PackagesMissing(TrainingError):
    """Raised when the packages that only training needs are not installed."""


class NoTexts(TrainingError):
    """Raised when there is nothing to measure with."""


class QualityLost(TrainingError):
    """Raised when a rounded model is worse than allowed."""
