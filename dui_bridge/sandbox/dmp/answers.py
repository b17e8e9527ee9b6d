"""The file in which an operator writes what fails at the DMP (`sandbox.dmp_answers`)."""

from __future__ import annotations

from dui_bridge.sandbox.answers import Answers
from dui_bridge.sandbox.dmp.trouble import Trouble


class DmpAnswers(Answers):
    """The whole file: the fields of `Trouble`, as they are named there."""

    troubles: tuple[Trouble, ...] = ()
