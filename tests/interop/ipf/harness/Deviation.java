import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.openehealth.ipf.commons.ihe.xds.core.metadata.Vocabulary;

/**
 * What the DMP asks for and IHE forbids, each with where it may stand and the form it has.
 *
 * A value that has not exactly this form is left as it is, and IPF judges it. What IHE allows: ITI TF-3 §4.2.3.1.7 (data
 * types). "Published messages": the examples of messages of the DMP by the GIE SESAM-Vitale, v02.05.00.
 */
enum Deviation {
    /**
     * A patient id has the type of the identifier in CX.5, {@code INS^^^&OID&ISO^NH}; IHE has CX.1 and CX.4 only.
     * Source: CI-SIS, volet Partage de documents de santé, patientId; published messages TD2.1, and TD3.1 for queries.
     */
    PATIENT_ID_TYPE(
            "(?<kept>[^^&]+\\^\\^\\^&[0-9.]+&ISO)\\^NH",
            "${kept}",
            Set.of(
                    Vocabulary.DOC_ENTRY_PATIENT_ID_EXTERNAL_ID,
                    Vocabulary.SUBMISSION_SET_PATIENT_ID_EXTERNAL_ID,
                    "$XDSDocumentEntryPatientId",
                    "$XDSSubmissionSetPatientId")),

    /**
     * The same of the patient id of the source, which may also be the number of a file: {@code IPP^^^&OID&ISO^PI}.
     * Source: the same volet, sourcePatientId; published message TD2.1.
     */
    SOURCE_PATIENT_ID_TYPE(
            "(?<kept>[^^&]+\\^\\^\\^&[0-9.]+&ISO)\\^(NH|PI)", "${kept}", Set.of(Vocabulary.SLOT_NAME_SOURCE_PATIENT_ID)),

    /**
     * A structure has the type of its identifier in XON.7, {@code IDNST}, or {@code SIREN} for a number of that
     * directory; IHE has XON.1, XON.6 and XON.10 only. Source: the same volet, authorInstitution; published message
     * TD2.1; ANS, guide FHIR Partage de documents de santé, AuthorInstitution (SIREN).
     */
    INSTITUTION_ID_TYPE(
            "(?<kept>[^^&]+\\^{5}&(1\\.2\\.250\\.1\\.71\\.4\\.2\\.2&ISO(?=\\^IDNST)|1\\.3\\.2&ISO(?=\\^SIREN)))"
                    + "\\^(IDNST|SIREN)(?<number>\\^{3}[^^&]+)",
            "${kept}^${number}",
            Set.of(Vocabulary.SLOT_NAME_AUTHOR_INSTITUTION)),

    /**
     * The specialty of an author is {@code code^label^OID}; IHE has {@code code^^^&OID&ISO}. Source: the same volet,
     * authorSpecialty; published message TD2.1.
     */
    SPECIALTY_FORM(
            "(?<code>[^^&]+)\\^[^^&]+\\^(?<system>[0-9.]+)",
            "${code}^^^&${system}&ISO",
            Set.of(Vocabulary.SLOT_NAME_AUTHOR_SPECIALTY)),

    /**
     * A document is archived and deleted by statuses that IHE does not have; what undoes them is its only other status.
     * Source: the same volet, availabilityStatus; published message TD3.3d.
     */
    STATUS(
            "urn:asip:ci-sis:2010:StatusType:(Archived|Deleted)",
            "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated",
            Set.of("OriginalStatus", "NewStatus", "$XDSDocumentEntryStatus"));

    static final List<Deviation> ALL = List.of(values());
    private final Pattern form;
    private final String undone;
    private final Set<String> places;

    Deviation(String form, String undone, Set<String> places) {
        this.form = Pattern.compile(form);
        this.undone = undone;
        this.places = places;
    }

    /** Whether it may be at a place: the scheme of an identifier, or the name of a slot. */
    boolean mayBeAt(String place) {
        return places.contains(place);
    }

    /** The value as IHE has it; the same one when it does not deviate. */
    String undo(String value) {
        var found = form.matcher(value);
        return found.matches() ? found.replaceFirst(undone) : value;
    }

    /** The same in a parameter of a query: texts in quotes, in parentheses when there are several. */
    String undoInQuery(String value) {
        return Pattern.compile("'([^']*)'").matcher(value).replaceAll(
                text -> Matcher.quoteReplacement("'" + undo(text.group(1)) + "'"));
    }
}
