"""What training and measuring refuse.

TrainingError
├── PackagesMissing      install what training needs
├── NoTexts              give files with texts
├── NoEncoder            give a folder that pretrain or fetch left
├── NotThePinned         fetch again, or look what the registry serves
└── QualityLost          the smaller model is no replacement
"""

from stream.errors import WenfengError


class TrainingError(WenfengError):
    """Raised when something named in this module happened; never raised itself."""


class PackagesMissing(TrainingError):
    """Raised when the packages that only training needs are not installed."""


class NoTexts(TrainingError):
    """Raised when there is nothing to measure with."""


class NoEncoder(TrainingError):
    """Raised when a folder holds nothing to start training from."""


class NotThePinned(TrainingError):
    """Raised when what was fetched is not what was pinned, or does not compute what its maker's graph does."""


class QualityLost(TrainingError):
    """Raised when a rounded model is worse than allowed."""
