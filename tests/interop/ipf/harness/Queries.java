import java.util.Collection;
import java.util.List;
import java.util.Set;

import org.openehealth.ipf.commons.ihe.xds.core.XdsRuntimeException;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Code;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.TimeRange;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Timestamp;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindSubmissionSetsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetAssociationsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetByIdQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsAndAssociationsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorCode;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Severity;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;

/** The stored queries that the bridge sends. A filter that is not applied here is refused, never ignored. */
final class Queries {
    private final Registry registry;

    Queries(Registry registry) {
        this.registry = registry;
    }

    /**
     * ITI-18.
     *
     * @param statuses the statuses asked for, in full: IPF knows two of them only.
     */
    QueryResponse answer(QueryRegistry request, Collection<String> statuses) {
        synchronized (registry) {
            var answer = new QueryResponse(Status.SUCCESS);
            if (request.getQuery() instanceof FindDocumentsQuery query) {
                answer.setDocumentEntries(registry.entries.stream().filter(one -> isAsked(query, one, statuses)).toList());
            } else if (request.getQuery() instanceof FindSubmissionSetsQuery query) {
                answer.setSubmissionSets(registry.sets.stream()
                        .filter(set -> set.getPatientId().equals(query.getPatientId()))
                        .filter(set -> isWithin(query.getSubmissionTime(), set.getSubmissionTime()))
                        .toList());
            } else if (request.getQuery() instanceof GetDocumentsQuery query) {
                answer.setDocumentEntries(named(query));
            } else if (request.getQuery() instanceof GetDocumentsAndAssociationsQuery query) {
                answer.setDocumentEntries(named(query));
                answer.setAssociations(
                        registry.tied(answer.getDocumentEntries().stream().map(DocumentEntry::getEntryUuid).toList()));
            } else if (request.getQuery() instanceof GetAssociationsQuery query) {
                answer.setAssociations(registry.tied(query.getUuids()));
            } else {
                throw refused(request.getQuery().getType().name());
            }
            return request.getReturnType() == QueryReturnType.OBJECT_REF ? references(answer) : answer;
        }
    }

    private boolean isAsked(FindDocumentsQuery query, DocumentEntry entry, Collection<String> statuses) {
        if (query.getEventCodes() != null || query.getConfidentialityCodes() != null || query.getAuthorPersons() != null) {
            throw refused("eventCodes, confidentialityCodes, authorPersons");
        }
        return entry.getPatientId().equals(query.getPatientId())
                && statuses.contains(registry.status(entry))
                && isOne(query.getClassCodes(), entry.getClassCode())
                && isOne(query.getTypeCodes(), entry.getTypeCode())
                && isOne(query.getFormatCodes(), entry.getFormatCode())
                && isOne(query.getPracticeSettingCodes(), entry.getPracticeSettingCode())
                && isOne(query.getHealthcareFacilityTypeCodes(), entry.getHealthcareFacilityTypeCode())
                && isWithin(query.getCreationTime(), entry.getCreationTime())
                && isWithin(query.getServiceStartTime(), entry.getServiceStartTime())
                && isWithin(query.getServiceStopTime(), entry.getServiceStopTime());
    }

    private List<DocumentEntry> named(GetByIdQuery query) {
        var uuids = query.getUuids() == null ? Set.<String>of() : Set.copyOf(query.getUuids());
        var ids = query.getUniqueIds() == null ? Set.<String>of() : Set.copyOf(query.getUniqueIds());
        return registry.entries.stream()
                .filter(one -> uuids.contains(one.getEntryUuid()) || ids.contains(one.getUniqueId()))
                .toList();
    }

    private static boolean isOne(List<Code> asked, Code code) {
        return asked == null
                || asked.stream().anyMatch(one -> one.getCode().equals(code.getCode())
                        && one.getSchemeName().equals(code.getSchemeName()));
    }

    private static boolean isWithin(TimeRange asked, Timestamp time) {
        if (asked.getFrom() == null && asked.getTo() == null) {
            return true;
        }
        return time != null
                && (asked.getFrom() == null || !time.getDateTime().isBefore(asked.getFrom().getDateTime()))
                && (asked.getTo() == null || time.getDateTime().isBefore(asked.getTo().getDateTime()));
    }

    private static QueryResponse references(QueryResponse found) {
        var answer = new QueryResponse(Status.SUCCESS);
        found.getDocumentEntries().forEach(one -> answer.getReferences().add(new ObjectReference(one.getEntryUuid())));
        found.getSubmissionSets().forEach(one -> answer.getReferences().add(new ObjectReference(one.getEntryUuid())));
        found.getAssociations().forEach(one -> answer.getReferences().add(new ObjectReference(one.getEntryUuid())));
        return answer;
    }

    private static XdsRuntimeException refused(String what) {
        return new XdsRuntimeException(ErrorCode.REGISTRY_ERROR, "not applied by this harness: " + what, Severity.ERROR, null);
    }
}
