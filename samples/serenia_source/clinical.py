"""Twelve clinical files of an EHPAD and a SSIAD. CIM-10, CCAM, ATC and EMDN codes exist; the persons do not."""

from __future__ import annotations

from dataclasses import dataclass

Problem = tuple[str, str, str]
"""Label, CIM-10 code, since when (`AAAA`, `AAAA-MM` or `AAAA-MM-JJ`)."""

AGGIR = (
    "coherence", "orientation", "toilette", "habillage", "alimentation", "elimination", "transferts",
    "deplacementsInterieurs", "deplacementsExterieurs", "communication",
)  # fmt: skip
"""The ten discriminating variables of the national grid AGGIR, as the API names them."""


@dataclass(frozen=True)
class ClinicalFile:
    """One clinical file.

    Args:
        problems, history: present and past.
        allergies: label, category, ATC class (or ""), reaction, severity, since.
        treatments: DCI, dose, intakes a day, dosage as written, reason; 0 intakes a day = when needed.
        acts: label, CCAM code, when.
        devices: label, EMDN code, since.
        weight, height, pressure, pulse, temperature, saturation: of the latest measures (kg, cm, mmHg, /min, °C, %).
        gir, aggir: group, and a letter A, B or C for each variable.
        smti: level of medical and technical care of the PATHOS cut, carried as it is.
        directives: whether they exist, when and where; None = never asked.
        alerts: label, since.
        vaccines: short name, when, lot.
        none_known: sections of which the file says that nothing is known to exist.
    """

    problems: tuple[Problem, ...]
    history: tuple[Problem, ...]
    allergies: tuple[tuple[str, str, str, str, str, str], ...]
    treatments: tuple[tuple[str, str, int, str, str], ...]
    acts: tuple[tuple[str, str, str], ...]
    devices: tuple[tuple[str, str, str], ...]
    weight: str
    height: str
    pressure: tuple[int, int]
    pulse: int
    temperature: str
    saturation: int
    gir: str
    aggir: str
    smti: str
    directives: tuple[bool, str, str] | None
    alerts: tuple[tuple[str, str], ...]
    vaccines: tuple[tuple[str, str, str], ...]
    none_known: tuple[str, ...] = ()


_FLU = ("grippe", "2026-10-14", "INV-G26A")
_COVID = ("covid", "2026-10-14", "INV-C26K")
_PNEUMO = ("pneumocoque", "2021-11-03", "INV-P21C")
_PENICILLIN = ("Pénicillines", "MEDICAMENT", "J01C", "Urticaire généralisée", "MODEREE", "1978")

FILES = (
    ClinicalFile(
        problems=(
            ("Maladie d'Alzheimer à début tardif", "G30.1", "2019-03"),
            ("Hypertension artérielle", "I10", "2004"),
            ("Fibrillation auriculaire", "I48.9", "2016-11-08"),
        ),
        history=(("Fracture du col du fémur droit", "S72.0", "2022-01-17"),),
        allergies=(_PENICILLIN,),
        treatments=(
            ("apixaban", "1", 2, "1 comprimé matin et soir", "Fibrillation auriculaire"),
            ("bisoprolol", "1", 1, "1 comprimé le matin", "Fibrillation auriculaire"),
            ("mémantine", "1", 1, "1 comprimé le soir", "Maladie d'Alzheimer"),
            ("paracétamol", "1", 0, "1 comprimé si douleur, 3 par jour au plus, 6 h entre deux prises", "Douleur"),
        ),
        acts=(("Pose d'une prothèse totale de hanche droite", "NEKA020", "2022-01-18"),),
        devices=(
            ("Prothèse de hanche droite", "P0908", "2022-01-18"),
            ("Déambulateur", "Y1206", "2022-03"),
            ("Lunettes", "Q021003", "2018"),
        ),
        weight="52.4", height="157", pressure=(132, 74), pulse=68, temperature="36.6", saturation=96,
        gir="2", aggir="CCBBBCBBCB", smti="T2",
        directives=(True, "2023-05-12", "Dossier médical, sous-chemise rouge"),
        alerts=(("Risque de chute élevé", "2022-01"), ("Risque de fugue : ne pas laisser sortir seule", "2024-06")),
        vaccines=(_FLU, _COVID, _PNEUMO, ("dtp", "2018-04-20", "INV-D18B")),
    ),
    ClinicalFile(
        problems=(
            ("Insuffisance cardiaque", "I50.9", "2018-02"),
            ("Diabète de type 2", "E11.9", "1999"),
            ("Maladie rénale chronique, stade 3", "N18.3", "2020"),
            ("Ulcère de pression de stade II (talon gauche)", "L89.1", "2026-09-30"),
        ),
        history=(("Infarctus du myocarde", "I21.9", "2011-06-02"),),
        allergies=(("Produits de contraste iodés", "MEDICAMENT", "V08A", "Malaise", "SEVERE", "2011-06"),),
        treatments=(
            ("furosémide", "1", 1, "1 comprimé à 8 h", "Insuffisance cardiaque"),
            ("ramipril", "0.5", 1, "½ comprimé le soir", "Insuffisance cardiaque"),
            ("insuline glargine", "14", 1, "14 UI le soir, selon la glycémie capillaire", "Diabète"),
            ("acide acétylsalicylique", "1", 1, "1 comprimé à midi", "Prévention secondaire"),
            ("atorvastatine", "1", 1, "1 comprimé le soir", "Prévention secondaire"),
        ),
        acts=(("Dilatation de deux vaisseaux coronaires avec pose d'endoprothèse", "DDAF004", "2011-06-02"),),
        devices=(("Fauteuil roulant", "Y1221", "2024-02-11"), ("Prothèses dentaires", "P0102", "2009")),
        weight="71.8", height="168", pressure=(118, 66), pulse=82, temperature="36.9", saturation=93,
        gir="2", aggir="ABCCBBCCCA", smti="T2",
        directives=(False, "", ""),
        alerts=(("Hypoglycémies nocturnes", "2026-08"), ("Soins d'escarre tous les deux jours", "2026-10-01")),
        vaccines=(_FLU, _PNEUMO),
    ),
    ClinicalFile(
        problems=(
            ("Maladie de Parkinson", "G20", "2015"),
            ("Épisode dépressif moyen", "F32.1", "2023-10"),
            ("Dysphagie", "R13", "2025-04"),
        ),
        history=(("Cataracte sénile opérée", "H25.9", "2017"),),
        allergies=(),
        treatments=(
            ("lévodopa et bensérazide", "1", 4, "1 gélule à 7 h, 11 h, 15 h et 19 h, à heures fixes", "Parkinson"),
            ("mirtazapine", "1", 1, "1 comprimé au coucher", "Dépression"),
            ("macrogol", "1", 1, "1 sachet le matin", "Constipation"),
        ),
        acts=(("Phacoémulsification du cristallin avec implant, œil gauche", "BFGA004", "2017-09-05"),),
        devices=(("Fauteuil roulant", "Y1221", "2025-01"),),
        weight="60.1", height="172", pressure=(108, 60), pulse=64, temperature="36.4", saturation=97,
        gir="3", aggir="AABBBBBBCB", smti="T1",
        directives=(True, "2024-11-02", "Coffre du cabinet médical"),
        alerts=(("Fausses routes : textures mixées, eau gélifiée", "2025-04"),),
        vaccines=(_FLU, _COVID),
        none_known=("ALLERGIES",),
    ),
    ClinicalFile(
        problems=(
            ("Bronchopneumopathie chronique obstructive", "J44.9", "2010"),
            ("Ostéoporose", "M81.9", "2016"),
        ),
        history=(("Pneumopathie", "J18.9", "2025-02"), ("Cholécystite lithiasique", "K80.2", "1994")),
        allergies=(("Arachide", "ALIMENT", "", "Œdème des lèvres", "SEVERE", "1985"),),
        treatments=(
            ("tiotropium", "2", 1, "2 inhalations le matin", "BPCO"),
            ("salbutamol", "1", 0, "1 à 2 bouffées en cas de gêne respiratoire", "BPCO"),
            ("colécalciférol", "1", 0, "1 ampoule tous les trois mois", "Ostéoporose"),
        ),
        acts=(("Cholécystectomie par cœlioscopie", "HMFC004", "1994-05"),),
        devices=(("Canne", "Y1203", "2023"), ("Audioprothèses", "Y2145", "2020-06")),
        weight="48.9", height="154", pressure=(140, 78), pulse=88, temperature="37.1", saturation=91,
        gir="4", aggir="AABAAABABA", smti="T1",
        directives=None,
        alerts=(("Régime sans arachide", "1985"),),
        vaccines=(_FLU, _COVID, _PNEUMO, ("zona", "2025-09-18", "INV-Z25F")),
    ),
    ClinicalFile(
        problems=(("Démence vasculaire", "F01.9", "2021"), ("Séquelles d'infarctus cérébral", "I69.3", "2020-12")),
        history=(("Infarctus cérébral", "I63.9", "2020-12-19"), ("Tumeur maligne du sein", "C50.9", "2003")),
        allergies=(),
        treatments=(
            ("acide acétylsalicylique", "1", 1, "1 comprimé à midi", "Prévention secondaire"),
            ("amlodipine", "1", 1, "1 gélule le matin", "Hypertension"),
            ("lévétiracétam", "1", 2, "1 comprimé matin et soir", "Épilepsie vasculaire"),
        ),
        acts=(),
        devices=(("Fauteuil roulant", "Y1221", "2021-02"),),
        weight="55.0", height="160", pressure=(146, 82), pulse=72, temperature="36.5", saturation=95,
        gir="1", aggir="CCCCCCCCCC", smti="T2",
        directives=(True, "2020-02-04", "Chez la personne de confiance"),
        alerts=(("Hémiplégie gauche : lève-personne, deux soignants", "2021-01"),),
        vaccines=(_FLU,),
        none_known=("ALLERGIES", "ACTES"),
    ),
    ClinicalFile(
        problems=(("Hypothyroïdie", "E03.9", "2008"), ("Gonarthrose", "M17.9", "2012")),
        history=(),
        allergies=(("Sulfamides", "MEDICAMENT", "J01E", "Éruption", "LEGERE", "1990"),),
        treatments=(
            ("lévothyroxine sodique", "1", 1, "1 comprimé à jeun", "Hypothyroïdie"),
            ("paracétamol", "1", 3, "1 comprimé matin, midi et soir", "Gonarthrose"),
        ),
        acts=(),
        devices=(("Canne", "Y1203", "2024"),),
        weight="66.3", height="158", pressure=(128, 70), pulse=70, temperature="36.7", saturation=98,
        gir="5", aggir="AAAAAAAABA", smti="T1",
        directives=(False, "", ""),
        alerts=(),
        vaccines=(_FLU, _COVID),
        none_known=("ANTECEDENTS", "ACTES"),
    ),
    ClinicalFile(
        problems=(("Maladie d'Alzheimer", "G30.9", "2022"), ("Dénutrition modérée", "E44.0", "2026-05")),
        history=(("Fracture du col du fémur gauche", "S72.0", "2024-07-21"),),
        allergies=(("Latex", "ENVIRONNEMENT", "", "Eczéma de contact", "LEGERE", "2001"),),
        treatments=(
            ("escitalopram", "1", 1, "1 comprimé le matin", "Anxiété"),
            ("oxazépam", "0.5", 0, "½ comprimé en cas d'agitation, 2 par jour au plus", "Agitation"),
            ("oméprazole", "1", 1, "1 gélule le matin", "Reflux"),
        ),
        acts=(("Ostéosynthèse d'une fracture extracapsulaire du col du fémur", "NBCA010", "2024-07-22"),),
        devices=(("Déambulateur", "Y1206", "2024-09"),),
        weight="44.7", height="155", pressure=(112, 64), pulse=76, temperature="36.3", saturation=96,
        gir="2", aggir="CBCCBBBBCC", smti="T1",
        directives=(True, "2022-12-15", "Dossier médical"),
        alerts=(("Perte de poids : 4 kg en trois mois", "2026-08"),),
        vaccines=(_FLU, _PNEUMO),
    ),
    ClinicalFile(
        problems=(
            ("Bloc auriculo-ventriculaire appareillé", "I44.2", "2019-03-26"),
            ("Hyperplasie de la prostate", "N40", "2013"),
            ("Glaucome", "H40.9", "2014"),
        ),
        history=(("Tumeur maligne de la prostate en rémission", "C61", "2015"),),
        allergies=(_PENICILLIN,),
        treatments=(
            ("tamsulosine", "1", 1, "1 gélule après le petit déjeuner", "Prostate"),
            ("latanoprost", "1", 1, "1 goutte dans chaque œil le soir", "Glaucome"),
            ("amiodarone", "1", 1, "1 comprimé le matin, 5 jours sur 7", "Trouble du rythme"),
        ),
        acts=(("Implantation d'un stimulateur cardiaque définitif", "DELF005", "2019-03-27"),),
        devices=(("Stimulateur cardiaque implantable", "J0101", "2019-03-27"), ("Lunettes", "Q021003", "2020")),
        weight="78.2", height="174", pressure=(134, 72), pulse=60, temperature="36.6", saturation=97,
        gir="4", aggir="AABBAABABA", smti="T1",
        directives=(True, "2026-01-22", "Dossier médical"),
        alerts=(("Porteur d'un stimulateur cardiaque", "2019-03"),),
        vaccines=(_FLU, _COVID, ("dtp", "2021-03-09", "INV-D21E")),
    ),
    ClinicalFile(
        problems=(("Dégénérescence maculaire", "H35.3", "2017"), ("Surdité de perception bilatérale", "H90.3", "2012")),
        history=(("Embolie pulmonaire", "I26.9", "2009"),),
        allergies=(),
        treatments=(("apixaban", "1", 2, "1 comprimé matin et soir", "Prévention thrombo-embolique"),),
        acts=(),
        devices=(("Audioprothèses", "Y2145", "2013"), ("Bas de contention", "", "2010")),
        weight="59.6", height="161", pressure=(150, 84), pulse=74, temperature="36.8", saturation=96,
        gir="4", aggir="AABABABBBA", smti="T1",
        directives=None,
        alerts=(("Malvoyante : annoncer chaque geste", "2021"),),
        vaccines=(_FLU,),
        none_known=("ALLERGIES",),
    ),
    ClinicalFile(
        problems=(
            ("Démence, sans précision", "F03", "2020"),
            ("Incontinence urinaire", "R32", "2022"),
            ("Constipation", "K59.0", "2019"),
        ),
        history=(("Infection des voies urinaires", "N39.0", "2026-06-11"),),
        allergies=(("Codéine", "MEDICAMENT", "R05DA04", "Vomissements", "MODEREE", "2016"),),
        treatments=(
            ("macrogol", "1", 2, "1 sachet matin et soir", "Constipation"),
            ("mirtazapine", "1", 1, "1 comprimé au coucher", "Troubles du sommeil"),
        ),
        acts=(),
        devices=(("Prothèses dentaires", "P0102", "2015"),),
        weight="62.0", height="163", pressure=(124, 68), pulse=78, temperature="37.0", saturation=95,
        gir="3", aggir="BBBBBCAABB", smti="T1",
        directives=(False, "", ""),
        alerts=(("Déambulation nocturne", "2025"),),
        vaccines=(_FLU, _COVID),
        none_known=("ACTES",),
    ),
    ClinicalFile(
        problems=(("Polyarthrose", "M15.9", "2005"), ("Insuffisance veineuse", "I87.2", "2011")),
        history=(("Prothèse de genou gauche", "Z96.6", "2016"),),
        allergies=(("Adhésifs acryliques", "ENVIRONNEMENT", "", "Dermite", "LEGERE", "2016"),),
        treatments=(("paracétamol", "1", 3, "1 comprimé matin, midi et soir", "Arthrose"),),
        acts=(),
        devices=(("Déambulateur", "Y1206", "2019"),),
        weight="80.5", height="165", pressure=(138, 76), pulse=72, temperature="36.5", saturation=97,
        gir="4", aggir="AABBAABABA", smti="T1",
        directives=None,
        alerts=(("Vit seule, clé chez la voisine", "2022"),),
        vaccines=(_FLU,),
    ),
    ClinicalFile(
        problems=(
            ("Diabète de type 2", "E11.9", "2003"),
            ("Artériopathie des membres inférieurs", "I70.2", "2014"),
            ("Ulcère de pression de stade III (sacrum)", "L89.2", "2026-10-18"),
        ),
        history=(("Anémie par carence en fer", "D50.9", "2024"),),
        allergies=(_PENICILLIN,),
        treatments=(
            ("metformine", "1", 2, "1 comprimé matin et soir pendant le repas", "Diabète"),
            ("acide acétylsalicylique", "1", 1, "1 comprimé à midi", "Artériopathie"),
        ),
        acts=(),
        devices=(("Fauteuil roulant", "Y1221", "2020-10"), ("Prothèses dentaires", "P0102", "2011")),
        weight="68.7", height="170", pressure=(130, 70), pulse=80, temperature="37.3", saturation=94,
        gir="2", aggir="AACCBBCCCA", smti="T2",
        directives=(True, "2025-03-30", "Domicile, tiroir du bureau"),
        alerts=(("Pansement complexe quotidien", "2026-10-18"),),
        vaccines=(_FLU, _PNEUMO),
        none_known=("ACTES",),
    ),
)  # fmt: skip
