"""What feeds get wrong, one module a kind: broken markup, packed bodies, ids that do not identify, names in texts."""
