import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The two addresses of the DMP, each of which takes several transactions where IPF has one address for each.
 *
 * Only the end of their path counts. A request goes on, its bytes as they are, to the address of the action that is
 * named in what it begins with.
 */
final class ByAction extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final int BEGINNING = 65536;
    private static final Map<String, Map<String, String>> ADDRESSES = Map.of(
            "/repository",
            Map.of(
                    "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", "/iti41",
                    "urn:ihe:iti:2007:RetrieveDocumentSet", "/iti43"),
            "/registry",
            Map.of(
                    "urn:ihe:iti:2007:RegistryStoredQuery", "/iti18",
                    "urn:ihe:iti:2010:UpdateDocumentSet", "/iti57"));

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        var path = request.getRequestURI();
        var actions = ADDRESSES.get(path.substring(path.lastIndexOf('/')));
        if (actions == null) {
            chain.doFilter(request, response);
            return;
        }
        var beginning = request.getInputStream().readNBytes(BEGINNING);
        var text = new String(beginning, StandardCharsets.ISO_8859_1);
        for (var action : actions.entrySet()) {
            if (text.contains(action.getKey())) {
                var whole = new SequenceInputStream(new ByteArrayInputStream(beginning), request.getInputStream());
                request.getRequestDispatcher(action.getValue()).forward(new Again(request, whole), response);
                return;
            }
        }
        response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }

    /** The request, whose body is read from its beginning. */
    private static final class Again extends HttpServletRequestWrapper {
        private final InputStream body;

        Again(HttpServletRequest request, InputStream body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() {
            return new ServletInputStream() {
                @Override
                public int read() throws IOException {
                    return body.read();
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    return body.read(into, offset, length);
                }

                @Override
                public boolean isFinished() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public boolean isReady() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    throw new UnsupportedOperationException();
                }
            };
        }
    }
}
