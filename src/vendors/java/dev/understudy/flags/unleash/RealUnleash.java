package dev.understudy.flags.unleash;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One Unleash server for the whole test run: started by the first class that asks for it, stopped when the run ends. */
final class RealUnleash implements BeforeAllCallback {
    private @Nullable UnleashServer server;

    @Override
    public void beforeAll(ExtensionContext context) {
        server = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(RealUnleash.class))
                .computeIfAbsent(UnleashServer.class, key -> start(), UnleashServer.class);
    }

    private static UnleashServer start() {
        try {
            return UnleashServer.start();
        } catch (RuntimeException e) {
            throw e; // also that the tests are to be skipped
        } catch (Exception e) {
            throw new AssertionError("Unleash could not be started", e);
        }
    }

    UnleashServer server() {
        return Objects.requireNonNull(server, "register RealUnleash as a static @RegisterExtension");
    }

    /** The section {@code flags} of a configuration; the token goes to a file in the folder. */
    String configuration(Path folder, String pollInterval) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), UnleashServer.TOKEN);
        return "{source: unleash, unleash: {url: '" + server().uri() + "', token-file: '" + token + "', poll-interval: "
                + pollInterval + "}}";
    }
}
