import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;

import org.apache.xml.security.Init;
import org.apache.xml.security.exceptions.XMLSecurityException;
import org.apache.xml.security.signature.Manifest;
import org.apache.xml.security.signature.Reference;
import org.apache.xml.security.signature.XMLSignature;
import org.apache.xml.security.signature.XMLSignatureByteInput;
import org.apache.xml.security.signature.XMLSignatureInput;
import org.apache.xml.security.utils.Constants;
import org.apache.xml.security.utils.resolver.ResourceResolverContext;
import org.apache.xml.security.utils.resolver.ResourceResolverException;
import org.apache.xml.security.utils.resolver.ResourceResolverSpi;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Verifies the signatures of XML files with Apache Santuario, in its secure mode.
 *
 * Arguments: a certificate (DER), a file, and so on. For each signature of a file one line on standard output: name of the
 * file, then, by spaces, {@code true} or {@code false} for the signature as a whole, for each of its references, and for
 * each reference of its manifests. {@code urn:oid:N} in a manifest is the file {@code N} beside the signature.
 */
public final class Verify {
    private Verify() {}

    public static void main(String[] arguments) throws Exception {
        Init.init();
        for (var i = 0; i < arguments.length; i += 2) {
            verify(certificate(Path.of(arguments[i])), Path.of(arguments[i + 1]));
        }
    }

    private static void verify(X509Certificate certificate, Path file) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        var document = factory.newDocumentBuilder().parse(file.toFile());
        registerIds(document);
        var signatures = document.getElementsByTagNameNS(Constants.SignatureSpecNS, "Signature");
        for (var i = 0; i < signatures.getLength(); i++) {
            var signature = new XMLSignature((Element) signatures.item(i), "", true);
            var verdicts = new ArrayList<Boolean>();
            verdicts.add(signature.checkSignatureValue(certificate.getPublicKey())
                    && certificate.equals(signature.getKeyInfo().getX509Certificate()));
            var signed = signature.getSignedInfo();
            for (var j = 0; j < signed.getLength(); j++) {
                verdicts.add(holds(signed.item(j)));
            }
            verdicts.addAll(manifests((Element) signatures.item(i), new Documents(file.getParent())));
            System.out.println(file.getFileName() + verdicts.stream().map(one -> " " + one).reduce("", String::concat));
        }
    }

    private static List<Boolean> manifests(Element signature, ResourceResolverSpi resolver) throws XMLSecurityException {
        var verdicts = new ArrayList<Boolean>();
        var manifests = signature.getElementsByTagNameNS(Constants.SignatureSpecNS, "Manifest");
        for (var i = 0; i < manifests.getLength(); i++) {
            var manifest = new Manifest((Element) manifests.item(i), "", true);
            manifest.addResourceResolver(resolver);
            for (var j = 0; j < manifest.getLength(); j++) {
                verdicts.add(holds(manifest.item(j)));
            }
        }
        return verdicts;
    }

    /** Whether the digest is that of what is referred to; what is not there has none. */
    private static boolean holds(Reference reference) {
        try {
            return reference.verify();
        } catch (XMLSecurityException absent) {
            return false;
        }
    }

    /** ID of SAML, Id of XML Signature and XAdES. */
    private static void registerIds(Document document) {
        var elements = document.getElementsByTagName("*");
        for (var i = 0; i < elements.getLength(); i++) {
            var element = (Element) elements.item(i);
            for (var name : List.of("ID", "Id")) {
                if (element.hasAttribute(name)) {
                    element.setIdAttribute(name, true);
                }
            }
        }
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (var stream = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream);
        }
    }

    /** The documents of a lot, in a folder. */
    private static final class Documents extends ResourceResolverSpi {
        private static final String SCHEME = "urn:oid:";
        private final Path folder;

        Documents(Path folder) {
            this.folder = folder;
        }

        @Override
        public boolean engineCanResolveURI(ResourceResolverContext context) {
            return context.uriToResolve != null && context.uriToResolve.startsWith(SCHEME);
        }

        @Override
        public XMLSignatureInput engineResolveURI(ResourceResolverContext context) throws ResourceResolverException {
            try {
                var name = context.uriToResolve.substring(SCHEME.length());
                return new XMLSignatureByteInput(Files.readAllBytes(folder.resolve(name)));
            } catch (IOException absent) {
                throw new ResourceResolverException(absent, context.uriToResolve, context.baseUri, "absent");
            }
        }
    }
}
