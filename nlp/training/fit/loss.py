"""What fine-tuning minimises: partial labels, and a teacher's soft ones."""

import torch


def partial_label_loss(logits: torch.Tensor, allowed: torch.Tensor, among: torch.Tensor) -> torch.Tensor:
    """Return, per row, -log of the probability of the allowed emotions, given that it is one of those chosen among.

    All three are rows x emotions, `allowed` and `among` of truth values. A label that leaves one emotion open among all
    makes it the cross-entropy; one that leaves all open teaches nothing.
    """
    closed = torch.finfo(logits.dtype).min
    numerator = logits.masked_fill(~allowed, closed).logsumexp(1)
    return logits.masked_fill(~among, closed).logsumexp(1) - numerator


def distillation_loss(logits: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """Return, per row, the cross-entropy with the teacher's probabilities; 0 where the teacher's row is all zeros."""
    return -(teacher * logits.log_softmax(1)).sum(1)
