package dev.understudy.flags.launchdarkly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.launchdarkly.sdk.ContextBuilder;
import com.launchdarkly.sdk.EvaluationDetail;
import com.launchdarkly.sdk.EvaluationReason;
import com.launchdarkly.sdk.LDContext;
import com.launchdarkly.sdk.LDValue;
import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.LDClient;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.interfaces.DataSourceStatusProvider;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.FullDataSet;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.ItemDescriptor;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.Answer;
import dev.understudy.flags.BackupFile;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagAnswer;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.KnownFlags;
import dev.understudy.flags.Routing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Turns LaunchDarkly's answers into routings, wherever the flags come from.
 *
 * <p>An entity is a context of kind {@code user} whose key is the entity id; the request's attributes are the context's.
 * Attributes named {@code key}, {@code kind}, {@code anonymous} or {@code _meta} are not passed on: LaunchDarkly would
 * take them for the context's own and break stickiness.
 */
final class VersionFlags implements AutoCloseable {
    static final Set<String> RESERVED = Set.of("key", "kind", "anonymous", "_meta");

    private final FlagBoard board;
    private final LDClient client;
    private final AtomicReference<@Nullable WatchedStore> store = new AtomicReference<>();
    private final LongAdder unusableAnswers = new LongAdder();

    /** Starts the SDK; returns when it is ready, has given up or has used up its start time. */
    VersionFlags(String sdkKey, LDConfig.Builder config, FlagBoard board, Optional<BackupFile> backup) {
        this.board = board;
        this.client = new LDClient(
                sdkKey,
                config.dataStore(context -> watched(
                                new WatchedStore(Components.inMemoryDataStore().build(context), board, backup)))
                        .diagnosticOptOut(true)
                        .build());
    }

    private WatchedStore watched(WatchedStore built) {
        store.set(built);
        return built;
    }

    /** Begins with flags that were kept, unless the service has sent some meanwhile. */
    void beginWith(FullDataSet<ItemDescriptor> kept) {
        Objects.requireNonNull(store.get(), "the SDK built no store").beginWith(kept);
    }

    Routing route(String entityId, Map<String, String> attributes) {
        Answer answer = board.state().answers().get(entityId, attributes);
        if (answer == null) {
            LDContext context = context(entityId, attributes);
            answer = board.ask(
                    state -> state.known().route(entityId, key -> ask(state, key, context, attributes)),
                    (state, fresh) -> state.answers().put(entityId, attributes, fresh));
        }
        if (answer.unusable() != 0) {
            unusableAnswers.add(answer.unusable());
        }
        return answer.routing();
    }

    Explanation explain(String entityId, Map<String, String> attributes) {
        LDContext context = context(entityId, attributes);
        return board.ask(
                state -> state.known().explain(entityId, key -> ask(state, key, context, attributes)),
                (state, explanation) -> {});
    }

    List<FlagDescription> describe() {
        FlagState state = board.state();
        return state.known().describe(key -> FlagWords.describe(key, state.shape(key)));
    }

    boolean isInitialized() {
        return client.isInitialized();
    }

    DataSourceStatusProvider.Status sourceStatus() {
        return client.getDataSourceStatusProvider().getStatus();
    }

    /** The flags as they are now. */
    KnownFlags known() {
        return board.state().known();
    }

    long unusableAnswers() {
        return unusableAnswers.sum();
    }

    void onChange(Runnable listener) {
        board.onChange(listener);
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A flag whose prerequisite is not met answers as if it were off. */
    private FlagAnswer ask(FlagState state, String key, LDContext context, Map<String, String> attributes) {
        EvaluationDetail<LDValue> detail = client.jsonValueVariationDetail(key, context, LDValue.ofNull());
        EvaluationReason reason = detail.getReason();
        JsonNode value = json(detail.getValue());
        FlagShape shape = state.shape(key);
        Optional<String> misfit = shape.misfit(reason, attributes);
        if (misfit.isPresent()) {
            return new FlagAnswer.Unusable(value, misfit.get());
        }
        return switch (reason.getKind()) {
            case TARGET_MATCH -> new FlagAnswer.Given(value, RoutingReason.TARGET);
            case RULE_MATCH -> new FlagAnswer.Given(value, RoutingReason.RULE);
            case FALLTHROUGH ->
                new FlagAnswer.Given(
                        value, shape.fallthrough().isPresent() ? RoutingReason.ROLLOUT : RoutingReason.DEFAULT);
            case OFF, PREREQUISITE_FAILED -> new FlagAnswer.Off(value);
            case ERROR -> new FlagAnswer.Unusable(value, "could not be evaluated: " + explain(reason.getErrorKind()));
        };
    }

    private static LDContext context(String entityId, Map<String, String> attributes) {
        ContextBuilder context = LDContext.builder(entityId);
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            if (!RESERVED.contains(attribute.getKey())) {
                context.set(attribute.getKey(), attribute.getValue());
            }
        }
        return context.build();
    }

    private static String explain(EvaluationReason.@Nullable ErrorKind error) {
        if (error == null) {
            return "no reason was given";
        }
        return switch (error) {
            case CLIENT_NOT_READY -> "no flags were received yet";
            case FLAG_NOT_FOUND -> "it does not exist";
            case MALFORMED_FLAG -> "its definition contradicts itself, e.g. names a variation that it lacks";
            case USER_NOT_SPECIFIED -> "the entity id is empty";
            case WRONG_TYPE -> "it is of another type";
            case EXCEPTION -> "the evaluation failed";
        };
    }

    private static JsonNode json(LDValue value) {
        return switch (value.getType()) {
            case NULL -> NullNode.getInstance();
            case BOOLEAN -> BooleanNode.valueOf(value.booleanValue());
            case NUMBER -> value.isInt() ? IntNode.valueOf(value.intValue()) : DoubleNode.valueOf(value.doubleValue());
            case STRING -> TextNode.valueOf(value.stringValue());
            case ARRAY -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                value.values().forEach(item -> array.add(json(item)));
                yield array;
            }
            case OBJECT -> {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                value.keys().forEach(key -> object.set(key, json(value.get(key))));
                yield object;
            }
        };
    }
}
