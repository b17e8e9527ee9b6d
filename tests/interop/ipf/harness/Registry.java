import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;
import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import org.openehealth.ipf.commons.ihe.xds.core.XdsRuntimeException;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Association;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.SubmissionSet;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Version;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorCode;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Severity;

/** What was submitted, in memory, as IPF read it. */
final class Registry {
    static final String REPOSITORY = "1.2.250.1.213.4.1.1.1.2";

    final List<SubmissionSet> sets = new ArrayList<>();
    final List<DocumentEntry> entries = new ArrayList<>();
    final List<Association> associations = new ArrayList<>();
    /** The French status of an entry, by its UUID. */
    final Map<String, String> frenchStatuses = new HashMap<>();
    private final Map<String, byte[]> documents = new HashMap<>();

    /** Refuses a deposit that does not fit what is there; changes nothing. */
    synchronized void check(RegisterDocumentSet request) {
        refuseIf(
                sets.stream().anyMatch(set -> set.getUniqueId().equals(request.getSubmissionSet().getUniqueId())),
                ErrorCode.DUPLICATE_UNIQUE_ID_IN_REGISTRY,
                request.getSubmissionSet().getUniqueId());
        for (var entry : request.getDocumentEntries()) {
            refuseIf(
                    entries.stream().anyMatch(one -> one.getUniqueId().equals(entry.getUniqueId())
                            && !one.getHash().equalsIgnoreCase(entry.getHash())),
                    ErrorCode.NON_IDENTICAL_HASH,
                    entry.getUniqueId());
        }
        for (var tie : request.getAssociations()) {
            if (tie.getAssociationType().isReplace()) {
                var replaced = entry(tie.getTargetUuid());
                refuseIf(replaced == null, ErrorCode.UNRESOLVED_REFERENCE_EXCEPTION, tie.getTargetUuid());
                refuseIf(
                        replaced.getAvailabilityStatus() != APPROVED,
                        ErrorCode.REGISTRY_DEPRECATED_DOCUMENT_ERROR,
                        tie.getTargetUuid());
                refuseIf(
                        !replaced.getPatientId().equals(request.getSubmissionSet().getPatientId()),
                        ErrorCode.PATIENT_ID_DOES_NOT_MATCH,
                        tie.getTargetUuid());
            }
        }
    }

    /** ITI-42. */
    synchronized void register(RegisterDocumentSet request) {
        check(request);
        add(request);
        for (var tie : request.getAssociations()) {
            if (tie.getAssociationType().isReplace()) {
                entry(tie.getTargetUuid()).setAvailabilityStatus(DEPRECATED);
            }
        }
    }

    /** ITI-57: statuses, or a new version of the metadata, of which only the newest is kept. */
    synchronized void update(RegisterDocumentSet request, String frenchStatus) {
        for (var tie : request.getAssociations()) {
            if (tie.getAssociationType() == AssociationType.UPDATE_AVAILABILITY_STATUS) {
                setStatus(tie, frenchStatus);
            }
        }
        for (var entry : request.getDocumentEntries()) {
            var before = entries.stream().filter(one -> one.getLogicalUuid().equals(entry.getLogicalUuid())).findAny();
            refuseIf(before.isEmpty(), ErrorCode.METADATA_UPDATE_ERROR, entry.getLogicalUuid());
            var old = before.get();
            var same = Objects.equals(old.getUniqueId(), entry.getUniqueId())
                    && Objects.equals(old.getHash(), entry.getHash())
                    && Objects.equals(old.getSize(), entry.getSize())
                    && Objects.equals(old.getRepositoryUniqueId(), entry.getRepositoryUniqueId());
            refuseIf(!same, ErrorCode.METADATA_UPDATE_ERROR, entry.getLogicalUuid());
            var said = request.getAssociations().stream()
                    .filter(tie -> tie.getTargetUuid().equals(entry.getEntryUuid()))
                    .map(Association::getPreviousVersion)
                    .findFirst();
            var version = old.getVersion().getVersionName();
            refuseIf(!said.equals(Optional.of(version)), ErrorCode.METADATA_VERSION_ERROR, version);
            entry.setVersion(new Version(String.valueOf(Integer.parseInt(version) + 1)));
            entries.remove(old);
        }
        add(request);
    }

    private void setStatus(Association tie, String frenchStatus) {
        var target = entry(tie.getTargetUuid());
        refuseIf(target == null, ErrorCode.METADATA_UPDATE_ERROR, tie.getTargetUuid());
        refuseIf(
                target.getAvailabilityStatus() != tie.getOriginalStatus(),
                ErrorCode.METADATA_UPDATE_ERROR,
                tie.getTargetUuid());
        target.setAvailabilityStatus(tie.getNewStatus());
        if (frenchStatus == null) {
            frenchStatuses.remove(target.getEntryUuid());
        } else if (frenchStatus.endsWith(":Deleted")) {
            entries.remove(target);
        } else {
            frenchStatuses.put(target.getEntryUuid(), frenchStatus);
        }
    }

    private void add(RegisterDocumentSet request) {
        var names = new HashMap<String, String>();
        var set = request.getSubmissionSet();
        var symbolic = set.getEntryUuid();
        set.assignEntryUuid();
        names.put(symbolic, set.getEntryUuid());
        set.setAvailabilityStatus(APPROVED);
        sets.add(set);
        for (var entry : request.getDocumentEntries()) {
            symbolic = entry.getEntryUuid();
            entry.assignEntryUuid();
            names.put(symbolic, entry.getEntryUuid());
            if (entry.getLogicalUuid() == null) {
                entry.setLogicalUuid(entry.getEntryUuid());
                entry.setVersion(new Version("1"));
            }
            entry.setAvailabilityStatus(APPROVED);
            entries.add(entry);
        }
        for (var tie : request.getAssociations()) {
            tie.setSourceUuid(names.getOrDefault(tie.getSourceUuid(), tie.getSourceUuid()));
            tie.setTargetUuid(names.getOrDefault(tie.getTargetUuid(), tie.getTargetUuid()));
            tie.assignEntryUuid();
            tie.setAvailabilityStatus(APPROVED);
            associations.add(tie);
        }
    }

    /** The status of an entry, in full. */
    String status(DocumentEntry entry) {
        return frenchStatuses.getOrDefault(
                entry.getEntryUuid(), AvailabilityStatus.toQueryOpcode(entry.getAvailabilityStatus()));
    }

    /** The associations that begin or end at one of these objects. */
    List<Association> tied(Collection<String> uuids) {
        return associations.stream()
                .filter(tie -> uuids.contains(tie.getSourceUuid()) || uuids.contains(tie.getTargetUuid()))
                .toList();
    }

    synchronized void keep(String uniqueId, byte[] content) {
        documents.put(uniqueId, content);
    }

    /** The bytes of a document; null when it is not there. */
    synchronized byte[] content(String uniqueId) {
        return entries.stream().anyMatch(entry -> entry.getUniqueId().equals(uniqueId))
                ? documents.get(uniqueId)
                : null;
    }

    private DocumentEntry entry(String uuid) {
        return entries.stream().filter(one -> one.getEntryUuid().equals(uuid)).findAny().orElse(null);
    }

    private static void refuseIf(boolean wrong, ErrorCode code, String what) {
        if (wrong) {
            throw new XdsRuntimeException(code, what, Severity.ERROR, null);
        }
    }
}
