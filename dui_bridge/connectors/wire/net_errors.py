"""What can be wrong with a call to a service, TLS aside: NET-0nn. `{service}` is its name in the configuration."""

from __future__ import annotations

from dui_bridge.errors import AnswerLost, FixConfiguration, ServiceUnreachable


class AddressWrong(FixConfiguration):
    """The address of a service is not one that may be called."""

    code = "NET-001"
    en = "the address of {service} is not an https address"
    fr = "l'adresse de {service} n'est pas une adresse https"
    action_en = "Write the whole address, as https://host/path."
    action_fr = "Écrivez l'adresse entière, comme https://hôte/chemin."


class NotReached(ServiceUnreachable):
    """The request did not leave, or not whole: the service certainly did not take it."""

    code = "NET-002"
    fr = "{service} est injoignable : {reason_fr}"


class NoAnswer(AnswerLost):
    """The request left whole, and no whole answer came back."""

    code = "NET-003"


class NotSoap(AnswerLost):
    """What came back is not a SOAP message."""

    code = "NET-004"
    en = "the answer is not a SOAP message: {reason}"
    fr = "la réponse n'est pas un message SOAP : {reason_fr}"
    action_en = "If it lasts, check the address of the service, and whether a proxy of the site answers in its place."
    action_fr = "Si cela dure, vérifiez l'adresse du service, et si un proxy du site répond à sa place."


class AnswerToAnother(AnswerLost):
    """The answer relates to another message than ours."""

    code = "NET-005"
    en = "{service} answered another request than ours: the answer was put aside"
    fr = "{service} a répondu à une autre demande que la nôtre : la réponse a été écartée"
    action_en = "If it happens twice, a machine on the way keeps answers: stop and ask who runs it."
    action_fr = "Si cela se répète, une machine intermédiaire garde des réponses : arrêtez, et interrogez-la."


class PartChanged(FixConfiguration):
    """What should have been sent is not what was announced; the request was broken off, so that it was not taken."""

    code = "NET-006"
    en = "a document could not be sent: {reason}"
    fr = "un document n'a pas pu être envoyé : {reason_fr}"
    action_en = "Nothing was sent: check the disk and who else writes there, then try again."
    action_fr = "Rien n'a été envoyé : vérifiez le disque et qui d'autre y écrit, puis recommencez."


class VihfIncomplete(FixConfiguration):
    """The assertion that says who calls (VIHF) would be refused."""

    code = "NET-007"
    en = "the VIHF cannot be made: {reason}"
    fr = "le VIHF ne peut pas être établi : {reason_fr}"
    action_en = "Complete the professional, the structure or the software in the configuration: nothing was sent."
    action_fr = "Complétez le professionnel, la structure ou le logiciel dans la configuration : rien n'a été envoyé."
