"""From a fitted model to the folder that ships: graph, manifest, int8."""
