import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSConfig;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Signs envelopes with WSS4J. Usage: java -cp … Sign.java PREFIXES FOLDER…
 *
 * <p>A folder holds envelope.xml, key.pem, certificate.pem and, for the holder-of-key profile, assertion.xml; it gets
 * signed.xml. PREFIXES is true for lists of inclusive prefixes, as WSS4J writes them by itself, or false for none.
 */
public final class Sign {
  private static final String ALIAS = "caller";
  private static final String PASSWORD = "in memory";
  private static final String SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
  private static final String SIGNATURE_BASE = "http://www.w3.org/2001/04/xmldsig-more#";

  private final Path folder;
  private final X509Certificate certificate;
  private final Merlin crypto = new Merlin();

  private Sign(Path folder) throws Exception {
    this.folder = folder;
    try (var file = Files.newInputStream(folder.resolve("certificate.pem"))) {
      certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(file);
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(ALIAS, key(), PASSWORD.toCharArray(), new Certificate[] {certificate});
    crypto.setKeyStore(store);
  }

  public static void main(String[] arguments) throws Exception {
    for (int n = 1; n < arguments.length; n++) {
      new Sign(Path.of(arguments[n])).write(Boolean.parseBoolean(arguments[0]));
    }
  }

  private PrivateKey key() throws Exception {
    String base64 = Files.readString(folder.resolve("key.pem")).replaceAll("-----[A-Z ]+-----|\\s", "");
    var encoded = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64));
    return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm()).generatePrivate(encoded);
  }

  private Document signed(boolean inclusivePrefixes) throws Exception {
    WSSConfig config = WSSConfig.getNewInstance();
    // All that signing does for the Basic Security Profile is to list the prefixes in scope.
    config.setWsiBSPCompliant(inclusivePrefixes);

    Document envelope = parsed("envelope.xml");
    WSSecHeader header = new WSSecHeader();
    header.insertSecurityHeader(envelope);
    WSSecTimestamp timestamp = new WSSecTimestamp(config);
    timestamp.setTimeToLive(60);
    timestamp.prepare(envelope);

    WSSecSignature signature = new WSSecSignature(config);
    signature.setUserInfo(ALIAS, PASSWORD);
    signature.setSignatureAlgorithm(
        SIGNATURE_BASE + (certificate.getPublicKey().getAlgorithm().equals("RSA") ? "rsa-sha256" : "ecdsa-sha256"));
    signature.setDigestAlgo(SHA256);
    List<WSEncryptionPart> parts = new ArrayList<>();
    parts.add(new WSEncryptionPart(WSConstants.ELEM_BODY, WSConstants.URI_SOAP11_ENV, "Content"));
    parts.add(new WSEncryptionPart(WSConstants.TIMESTAMP_TOKEN_LN, WSConstants.WSU_NS, "Content"));
    if (Files.exists(folder.resolve("assertion.xml"))) {
      Element assertion = (Element) envelope.importNode(parsed("assertion.xml").getDocumentElement(), true);
      header.getSecurityHeader().appendChild(assertion);
      signature.setKeyIdentifierType(WSConstants.CUSTOM_KEY_IDENTIFIER);
      signature.setCustomTokenId(assertion.getAttribute("AssertionID"));
      signature.setCustomTokenValueType(WSConstants.WSS_SAML_KI_VALUE_TYPE);
      signature.prepare(envelope, crypto, header);
    } else {
      signature.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
      signature.prepare(envelope, crypto, header);
      signature.prependBSTElementToHeader(header);
      parts.add(new WSEncryptionPart(signature.getBSTTokenId()));
    }
    timestamp.prependToHeader(header);
    signature.computeSignature(signature.addReferencesToSign(parts, header), false, null);
    return envelope;
  }

  private Document parsed(String name) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    return factory.newDocumentBuilder().parse(folder.resolve(name).toFile());
  }

  private void write(boolean inclusivePrefixes) throws Exception {
    try (var file = Files.newOutputStream(folder.resolve("signed.xml"))) {
      DOMSource signed = new DOMSource(signed(inclusivePrefixes));
      TransformerFactory.newInstance().newTransformer().transform(signed, new StreamResult(file));
    }
  }
}
