import com.helger.schematron.sch.SchematronResourceSCH;
import java.io.File;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.transform.stream.StreamSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Another implementation of Schematron (ph-schematron), as a program: Peer RESULT SCHEMATRON... -- DOCUMENT...
 * Writes a line "schematron TAB document TAB location TAB message" for each hit, "RAISED" as location when it raises.
 */
public final class Peer {
  private static final String SVRL = "http://purl.oclc.org/dsdl/svrl";

  public static void main(String[] args) throws Exception {
    List<String> schematrons = new ArrayList<>();
    List<String> documents = new ArrayList<>();
    List<String> current = schematrons;
    for (int i = 1; i < args.length; i++) {
      if (args[i].equals("--")) current = documents;
      else current.add(args[i]);
    }
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[0]), StandardCharsets.UTF_8))) {
      for (String schematron : schematrons) {
        SchematronResourceSCH compiled = SchematronResourceSCH.fromFile(new File(schematron));
        if (!compiled.isValidSchematron()) throw new IllegalStateException("not valid: " + schematron);
        for (String document : documents) check(compiled, schematron, document, out);
      }
    }
  }

  private static void check(SchematronResourceSCH compiled, String schematron, String document, PrintWriter out) {
    Document report;
    try {
      report = compiled.applySchematronValidation(new StreamSource(new File(document)));
    } catch (Exception raised) {
      report = null;
    }
    if (report == null) {
      line(out, schematron, document, "RAISED", "");
      return;
    }
    for (String name : List.of("failed-assert", "successful-report")) {
      NodeList hits = report.getElementsByTagNameNS(SVRL, name);
      for (int i = 0; i < hits.getLength(); i++) {
        Element hit = (Element) hits.item(i);
        String text = hit.getElementsByTagNameNS(SVRL, "text").item(0).getTextContent();
        line(out, schematron, document, hit.getAttribute("location"), text);
      }
    }
  }

  private static void line(PrintWriter out, String... fields) {
    StringBuilder all = new StringBuilder();
    for (String field : fields) all.append(all.length() == 0 ? "" : "\t").append(field.strip().replaceAll("\\s+", " "));
    out.println(all);
  }
}
