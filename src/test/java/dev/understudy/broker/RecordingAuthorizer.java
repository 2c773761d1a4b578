package dev.understudy.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.jspecify.annotations.Nullable;

/** Kafka's authoriser, which writes down what it was asked and answered, each once. Made by the broker. */
public final class RecordingAuthorizer extends StandardAuthorizer {
    static final String FILE = "understudy.test.decisions";

    private final Set<String> written = ConcurrentHashMap.newKeySet();
    private @Nullable Path file;

    @Override
    public void configure(Map<String, ?> configs) {
        super.configure(configs);
        file = Path.of(String.valueOf(configs.get(FILE)));
    }

    @Override
    public List<AuthorizationResult> authorize(AuthorizableRequestContext context, List<Action> actions) {
        List<AuthorizationResult> results = super.authorize(context, actions);
        for (int i = 0; i < results.size(); i++) {
            Action action = actions.get(i);
            AuthorizationResult result = results.get(i);
            boolean counts = result == AuthorizationResult.ALLOWED ? action.logIfAllowed() : action.logIfDenied();
            if (counts) {
                write(String.join(
                        "\t",
                        context.principal().getName(),
                        result.name(),
                        action.operation().name(),
                        action.resourcePattern().resourceType().name(),
                        action.resourcePattern().name()));
            }
        }
        return results;
    }

    private void write(String line) {
        if (!written.add(line)) {
            return;
        }
        try {
            Files.writeString(
                    Objects.requireNonNull(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
