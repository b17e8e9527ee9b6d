import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.cxf.BusFactory;
import org.apache.cxf.transport.servlet.CXFNonSpringServlet;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/**
 * A registry and a repository of IPF on two free ports of this machine, until standard input ends.
 *
 * One speaks plain HTTP, the other TLS 1.2 with a certificate of the client. Arguments: certificate, key and authorities
 * (PEM files). It writes both ports on standard output once it answers.
 */
public final class Harness {
    private Harness() {}

    public static void main(String[] arguments) throws Exception {
        Thread.currentThread().setUncaughtExceptionHandler((thread, error) -> {
            error.printStackTrace();
            System.exit(1);
        });
        Logger.getLogger("").setLevel(Level.SEVERE);
        var folder = Files.createTempDirectory("ipf");
        var tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        var plain = plain();
        var secure = secure(arguments[0], arguments[1], arguments[2]);
        tomcat.setConnector(plain);
        tomcat.getService().addConnector(secure);
        var context = tomcat.addContext("", folder.toString());
        var seen = new Seen();
        var services = new CXFNonSpringServlet();
        Tomcat.addServlet(context, "seen", seen);
        context.addServletMappingDecoded("/seen/*", "seen");
        Tomcat.addServlet(context, "services", services).setLoadOnStartup(1);
        context.addServletMappingDecoded("/*", "services");
        var filter = new FilterDef();
        filter.setFilterName("by-action");
        filter.setFilter(new ByAction());
        context.addFilterDef(filter);
        var everywhere = new FilterMap();
        everywhere.setFilterName("by-action");
        everywhere.addURLPattern("/*");
        context.addFilterMap(everywhere);
        tomcat.start();

        BusFactory.setDefaultBus(services.getBus());
        try (var camel = new DefaultCamelContext()) {
            camel.disableJMX();
            camel.addRoutes(new Endpoints(seen));
            camel.start();
            System.out.println(plain.getLocalPort() + " " + secure.getLocalPort());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
        System.exit(0);
    }

    private static Connector plain() {
        var connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        return connector;
    }

    private static Connector secure(String certificate, String key, String authorities) throws Exception {
        var tls = new SSLHostConfig();
        tls.setProtocols("TLSv1.2");
        tls.setCertificateVerification("required");
        tls.setTrustStore(authorities(Path.of(authorities)));
        var own = new SSLHostConfigCertificate(tls, SSLHostConfigCertificate.Type.RSA);
        own.setCertificateFile(certificate);
        own.setCertificateKeyFile(key);
        tls.addCertificate(own);
        var connector = plain();
        connector.addSslHostConfig(tls);
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("SSLEnabled", "true");
        return connector;
    }

    private static KeyStore authorities(Path file) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var stream = Files.newInputStream(file)) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(stream)) {
                store.setCertificateEntry("authority" + store.size(), certificate);
            }
        }
        return store;
    }
}
