import static org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators.iti18RequestValidator;
import static org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators.iti18ResponseValidator;
import static org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators.iti41RequestValidator;
import static org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators.iti42RequestValidator;
import static org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators.iti43RequestValidator;
import static org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators.iti43ResponseValidator;
import static org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators.iti57RequestValidator;

import jakarta.activation.DataHandler;
import jakarta.mail.util.ByteArrayDataSource;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.openehealth.ipf.commons.ihe.xds.core.ebxml.ebxml30.ProvideAndRegisterDocumentSetRequestType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.ProvideAndRegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorCode;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Severity;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.lcm.SubmitObjectsRequest;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryRequest;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.validate.ValidationMessage;
import org.openehealth.ipf.commons.ihe.xds.core.validate.XDSMetaDataException;

/** IPF's endpoints: each request is rid of the French deviations, judged by IPF's validators, then answered. */
final class Endpoints extends RouteBuilder {
    private final Adapter adapter = new Adapter();
    private final Registry registry = new Registry();
    private final Queries queries = new Queries(registry);
    private final Seen seen;

    Endpoints(Seen seen) {
        this.seen = seen;
    }

    @Override
    public void configure() {
        errorHandler(noErrorHandler());
        deposits("iti41", List.of());
        updates("iti57", List.of());
        for (var deviation : Deviation.ALL) {
            deposits("iti41-with-" + deviation, List.of(deviation));
            updates("iti57-with-" + deviation, List.of(deviation));
        }
        from("xds-iti42:iti42?audit=false")
                .process(exchange -> adapt(exchange.getIn().getBody(SubmitObjectsRequest.class), List.of()))
                .to("direct:register");
        from("direct:register").process(iti42RequestValidator()).process(this::register);
        from("xds-iti18:iti18?audit=false")
                .process(this::readQuery)
                .process(iti18RequestValidator())
                .process(this::answerQuery)
                .convertBodyTo(AdhocQueryResponse.class)
                .process(iti18ResponseValidator())
                .process(exchange -> adapter.redo(
                        exchange.getMessage().getBody(AdhocQueryResponse.class), registry.frenchStatuses));
        from("xds-iti43:iti43?audit=false")
                .process(iti43RequestValidator())
                .process(this::retrieve)
                .process(iti43ResponseValidator());
    }

    /** ITI-41 at an address, where some deviations are left. */
    private void deposits(String address, Collection<Deviation> left) {
        from("xds-iti41:" + address + "?audit=false")
                .process(exchange -> adapt(
                        exchange.getIn().getBody(ProvideAndRegisterDocumentSetRequestType.class).getSubmitObjectsRequest(),
                        left))
                .process(iti41RequestValidator())
                .process(this::provide)
                .to("direct:register")
                .process(this::keep);
    }

    /** The same of ITI-57. */
    private void updates(String address, Collection<Deviation> left) {
        from("xds-iti57:" + address + "?audit=false")
                .process(exchange -> exchange.setProperty(
                        "changes", adapt(exchange.getIn().getBody(SubmitObjectsRequest.class), left)))
                .process(iti57RequestValidator())
                .process(this::update);
    }

    private List<Adapter.Change> adapt(SubmitObjectsRequest request, Collection<Deviation> left) {
        seen.received(request);
        var changes = adapter.undo(request, left);
        seen.adapted(request, changes);
        return changes;
    }

    /** Measures the documents, and makes of the request that of ITI-42. */
    private void provide(Exchange exchange) throws Exception {
        var request = exchange.getIn().getBody(ProvideAndRegisterDocumentSet.class);
        var contents = new HashMap<String, byte[]>();
        var forwarded = new RegisterDocumentSet();
        forwarded.setSubmissionSet(request.getSubmissionSet());
        forwarded.getAssociations().addAll(request.getAssociations());
        for (var document : request.getDocuments()) {
            var entry = document.getDocumentEntry();
            byte[] content;
            try (var stream = document.getContent(DataHandler.class).getInputStream()) {
                content = stream.readAllBytes();
            }
            complete(entry, content);
            contents.put(entry.getUniqueId(), content);
            forwarded.getDocumentEntries().add(entry);
        }
        exchange.setProperty("contents", contents);
        exchange.getMessage().setBody(exchange.getContext().getTypeConverter().convertTo(
                SubmitObjectsRequest.class, forwarded));
    }

    private static void complete(DocumentEntry entry, byte[] content) throws Exception {
        var hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(content));
        if (entry.getHash() != null && !entry.getHash().equalsIgnoreCase(hash)) {
            throw new XDSMetaDataException(ValidationMessage.INCORRECT_HASH, entry.getHash(), hash);
        }
        if (entry.getSize() != null && entry.getSize() != content.length) {
            throw new XDSMetaDataException(ValidationMessage.INCORRECT_SIZE, entry.getSize(), content.length);
        }
        entry.setHash(hash);
        entry.setSize((long) content.length);
        entry.setRepositoryUniqueId(Registry.REPOSITORY);
    }

    private void register(Exchange exchange) {
        registry.register(exchange.getIn().getBody(RegisterDocumentSet.class));
        exchange.getMessage().setBody(new Response(Status.SUCCESS));
    }

    @SuppressWarnings("unchecked")
    private void keep(Exchange exchange) {
        ((Map<String, byte[]>) exchange.getProperty("contents")).forEach(registry::keep);
    }

    @SuppressWarnings("unchecked")
    private void update(Exchange exchange) {
        var french = ((List<Adapter.Change>) exchange.getProperty("changes")).stream()
                .filter(change -> change.place().equals("NewStatus"))
                .map(Adapter.Change::before)
                .findAny();
        registry.update(exchange.getIn().getBody(RegisterDocumentSet.class), french.orElse(null));
        exchange.getMessage().setBody(new Response(Status.SUCCESS));
    }

    private void readQuery(Exchange exchange) {
        var request = exchange.getIn().getBody(AdhocQueryRequest.class);
        var statuses = new HashSet<String>();
        for (var slot : request.getAdhocQuery().getSlot()) {
            if (slot.getName().equals("$XDSDocumentEntryStatus")) {
                for (var value : slot.getValueList().getValue()) {
                    Pattern.compile("'([^']*)'").matcher(value).results().forEach(text -> statuses.add(text.group(1)));
                }
            }
        }
        exchange.setProperty("statuses", statuses);
        adapter.undo(request);
    }

    @SuppressWarnings("unchecked")
    private void answerQuery(Exchange exchange) {
        var statuses = (Set<String>) exchange.getProperty("statuses");
        exchange.getMessage().setBody(queries.answer(exchange.getIn().getBody(QueryRegistry.class), statuses));
    }

    private void retrieve(Exchange exchange) {
        var answer = new RetrievedDocumentSet();
        for (var asked : exchange.getIn().getBody(RetrieveDocumentSet.class).getDocuments()) {
            var content = registry.content(asked.getDocumentUniqueId());
            if (!asked.getRepositoryUniqueId().equals(Registry.REPOSITORY)) {
                answer.getErrors().add(error(ErrorCode.UNKNOWN_REPOSITORY_ID, asked.getRepositoryUniqueId()));
            } else if (content == null) {
                answer.getErrors().add(error(ErrorCode.DOCUMENT_UNIQUE_ID_ERROR, asked.getDocumentUniqueId()));
            } else {
                var data = new DataHandler(new ByteArrayDataSource(content, "text/xml"));
                answer.getDocuments().add(new RetrievedDocument(data, asked, null, null, "text/xml"));
            }
        }
        var found = !answer.getDocuments().isEmpty();
        var whole = answer.getErrors().isEmpty();
        answer.setStatus(whole ? Status.SUCCESS : found ? Status.PARTIAL_SUCCESS : Status.FAILURE);
        exchange.getMessage().setBody(answer);
    }

    private static ErrorInfo error(ErrorCode code, String what) {
        return new ErrorInfo(code, what, Severity.ERROR, null, null);
    }
}
