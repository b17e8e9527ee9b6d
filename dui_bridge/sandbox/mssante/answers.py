"""The file in which an operator writes how recipients behave, and what fails (`sandbox.mssante_answers`)."""

from __future__ import annotations

from dui_bridge.sandbox.answers import Answers
from dui_bridge.sandbox.mssante.post import Correspondent
from dui_bridge.sandbox.mssante.trouble import Trouble


class MssanteAnswers(Answers):
    """The whole file: the fields of `Correspondent` and of `Trouble`, as they are named there."""

    correspondents: tuple[Correspondent, ...] = ()
    troubles: tuple[Trouble, ...] = ()
