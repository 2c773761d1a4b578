package dev.understudy.kafka.avro;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Trust and client keys of the registry connection, by the keys {@code schema.registry.ssl.*}. */
final class RegistryTls {
    private RegistryTls() {}

    /** A context over the named stores; null where none is named. */
    static @Nullable SSLContext context(SettingsReader read) {
        String trusted = read.text("ssl.truststore.location");
        String own = read.text("ssl.keystore.location");
        if (trusted == null && own == null) {
            return null;
        }
        try {
            TrustManager @Nullable [] trust = null;
            if (trusted != null) {
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store(read, "ssl.truststore", trusted));
                trust = factory.getTrustManagers();
            }
            KeyManager @Nullable [] keys = null;
            if (own != null) {
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                String password = read.text("ssl.key.password", read.text("ssl.keystore.password", ""));
                factory.init(store(read, "ssl.keystore", own), password.toCharArray());
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new ConfigException("schema.registry.ssl.* cannot be used: " + e.getMessage());
        }
    }

    private static KeyStore store(SettingsReader read, String key, String location) throws GeneralSecurityException {
        String type = read.text(key + ".type", "PKCS12");
        if (!type.equals("PKCS12") && !type.equals("JKS")) {
            throw new ConfigException("schema.registry." + key + ".type", type, "must be PKCS12 or JKS");
        }
        String password = read.text(key + ".password");
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = Files.newInputStream(Path.of(location))) {
            store.load(in, password == null ? null : password.toCharArray());
        } catch (IOException e) {
            throw new ConfigException(
                    "schema.registry." + key + ".location",
                    location,
                    "must be a readable " + type + " file that " + key + ".password opens: " + e);
        }
        return store;
    }
}
