"""OpenVINO, and nothing that it would tell its maker.

`import openvino` reports its use to Google Analytics and leaves an identifier in the home of whoever runs it
(openvino-telemetry 2025.2, unless somebody opted out). Where that package cannot be imported it does without.
"""

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # how Python is told that there is none

import openvino  # type: ignore[import-untyped]  # noqa: E402
from openvino import opset13 as operations  # noqa: E402

__all__ = ["openvino", "operations"]
