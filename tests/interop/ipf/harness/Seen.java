import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.xml.bind.JAXB;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.lcm.SubmitObjectsRequest;

/** The last submission, for whoever checks the adapter: as IPF read it, as it was adapted, and what was changed. */
final class Seen extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private final transient Map<String, String> last = new ConcurrentHashMap<>();

    void received(SubmitObjectsRequest request) {
        last.put("/received", written(request));
    }

    /** One line for each change: deviation, value before, value after; tabs between. */
    void adapted(SubmitObjectsRequest request, List<Adapter.Change> changes) {
        last.put("/adapted", written(request));
        last.put("/changes", changes.stream()
                .map(change -> change.deviation() + "\t" + change.before() + "\t" + change.after() + "\n")
                .collect(Collectors.joining()));
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var text = last.get(request.getPathInfo());
        if (text == null) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.getWriter().write(text);
    }

    private static String written(SubmitObjectsRequest request) {
        var text = new StringWriter();
        JAXB.marshal(request, text);
        return text.toString();
    }
}
