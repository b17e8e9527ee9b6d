import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipFile;
import javax.xml.namespace.QName;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Reads an archive IHE_XDM.zip with the classes of the JDK: for each document its URI and whether hash and size are right. */
public final class ReadXdm {
    private static final String RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0";
    private static final String LOT = "IHE_XDM/SUBSET01/";

    public static void main(String[] arguments) throws Exception {
        try (ZipFile zip = new ZipFile(arguments[0])) {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            byte[] metadata = bytes(zip, LOT + "METADATA.XML");
            NodeList entries = factory.newDocumentBuilder().parse(new ByteArrayInputStream(metadata))
                .getElementsByTagNameNS(RIM, "ExtrinsicObject");
            for (int at = 0; at < entries.getLength(); at++) {
                Element entry = (Element) entries.item(at);
                byte[] document = bytes(zip, LOT + slot(entry, "URI"));
                String sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(document));
                System.out.println(slot(entry, "URI") + " " + sha1.equals(slot(entry, "hash")) + " "
                    + (document.length == Integer.parseInt(slot(entry, "size"))) + " " + sha1);
            }
            // A page that is not well-formed XHTML would be refused here; its DTD is not fetched.
            factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
            NodeList links = factory.newDocumentBuilder().parse(new ByteArrayInputStream(bytes(zip, "INDEX.HTM")))
                .getElementsByTagNameNS("http://www.w3.org/1999/xhtml", "a");
            for (int at = 0; at < links.getLength(); at++) {
                System.out.println(zip.getEntry(((Element) links.item(at)).getAttribute("href")).getName());
            }
        }
    }

    private static byte[] bytes(ZipFile zip, String name) throws Exception {
        return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }

    private static String slot(Element entry, String name) {
        NodeList slots = entry.getElementsByTagNameNS(RIM, "Slot");
        for (int at = 0; at < slots.getLength(); at++) {
            Element slot = (Element) slots.item(at);
            if (slot.getAttribute("name").equals(name)) {
                return slot.getElementsByTagNameNS(RIM, "Value").item(0).getTextContent();
            }
        }
        return "";
    }
}
