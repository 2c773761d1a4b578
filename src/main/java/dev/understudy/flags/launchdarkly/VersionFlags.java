package dev.understudy.flags.launchdarkly;

import com.launchdarkly.sdk.ContextBuilder;
import com.launchdarkly.sdk.EvaluationDetail;
import com.launchdarkly.sdk.EvaluationReason;
import com.launchdarkly.sdk.LDContext;
import com.launchdarkly.sdk.LDValue;
import com.launchdarkly.sdk.LDValueType;
import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.LDClient;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.interfaces.DataSourceStatusProvider;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.Routing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    /** At most 12 MB of answers to requests with one attribute, 20 MB with three. */
    static final int CACHE_SLOTS = 1 << 15;

    private static final Set<String> RESERVED = Set.of("key", "kind", "anonymous", "_meta");

    private final FlagKeys keys;
    private final ModelVersion defaultVersion;
    private final FlagBoard board;
    private final LDClient client;
    private final LongAdder unusableAnswers = new LongAdder();

    /** Starts the SDK; returns when it is ready, has given up or has used up its start time. */
    VersionFlags(String sdkKey, LDConfig.Builder config, FlagBoard board, ModelVersion defaultVersion) {
        this.keys = board.keys();
        this.defaultVersion = defaultVersion;
        this.board = board;
        this.client = new LDClient(
                sdkKey,
                config.dataStore(context ->
                                new WatchedStore(Components.inMemoryDataStore().build(context), board))
                        .diagnosticOptOut(true)
                        .build());
    }

    Routing route(String entityId, Map<String, String> attributes) {
        Answer answer = board.state().remembered(entityId, attributes);
        if (answer == null) {
            answer = board.ask(state -> evaluate(state, entityId, attributes), (state, fresh) -> {
                state.remember(entityId, attributes, fresh);
                String complaint = fresh.complaint();
                if (complaint != null) {
                    state.complain(complaint);
                }
            });
        }
        if (answer.unusable() != 0) {
            unusableAnswers.add(answer.unusable());
        }
        return answer.routing();
    }

    boolean isInitialized() {
        return client.isInitialized();
    }

    DataSourceStatusProvider.Status sourceStatus() {
        return client.getDataSourceStatusProvider().getStatus();
    }

    /**
     * Keys of the flags without which there is nothing to decide by. The candidates flag may be missing where flags of
     * single versions exist.
     */
    List<String> missing() {
        FlagState state = board.state();
        List<String> missing = new ArrayList<>();
        if (!state.shapes().containsKey(keys.serving())) {
            missing.add(keys.serving());
        }
        if (!state.shapes().containsKey(keys.candidates())
                && state.shadowModes().isEmpty()) {
            missing.add(keys.candidates());
        }
        return missing;
    }

    /** What is wrong with the flags themselves, for people. */
    Optional<String> problem() {
        FlagState state = board.state();
        if (!state.shapes().containsKey(keys.serving())) {
            return Optional.of("flag '" + keys.serving() + "' does not exist, so the default version " + defaultVersion
                    + " serves; create it as a string flag");
        }
        return state.complaint();
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

    private Answer evaluate(FlagState state, String entityId, Map<String, String> attributes) {
        LDContext context = context(entityId, attributes);
        Evaluation evaluation = new Evaluation(state, context, attributes);
        RoutingDecision served = evaluation.serving();
        List<ModelVersion> candidates = served.reason() == RoutingReason.KILLED ? List.of() : evaluation.candidates();
        return new Answer(new Routing(served, candidates), evaluation.unusable, evaluation.complaint);
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

    /** The questions of one routing, and what went wrong among them. */
    private final class Evaluation {
        private final FlagState state;
        private final LDContext context;
        private final Map<String, String> attributes;
        private int unusable;
        private @Nullable String complaint;

        Evaluation(FlagState state, LDContext context, Map<String, String> attributes) {
            this.state = state;
            this.context = context;
            this.attributes = attributes;
        }

        RoutingDecision serving() {
            String key = keys.serving();
            EvaluationDetail<LDValue> detail = ask(key);
            String variation = text(detail.getValue());
            if (isOff(detail.getReason())) {
                return new RoutingDecision(defaultVersion, key, variation, RoutingReason.KILLED);
            }
            if (!isTrustworthy(key, detail)) {
                return new RoutingDecision(defaultVersion, key, variation, RoutingReason.FALLBACK);
            }
            Optional<ModelVersion> version = version(key, detail.getValue());
            return version.map(chosen -> new RoutingDecision(chosen, key, variation, reason(key, detail.getReason())))
                    .orElseGet(() -> new RoutingDecision(defaultVersion, key, variation, RoutingReason.FALLBACK));
        }

        List<ModelVersion> candidates() {
            LinkedHashSet<ModelVersion> candidates = new LinkedHashSet<>();
            if (state.shapes().containsKey(keys.candidates())) {
                for (ModelVersion version : listed()) {
                    if (!state.decidesAlone(version)) {
                        candidates.add(version);
                    }
                }
            }
            for (FlagState.ShadowMode mode : state.shadowModes()) {
                if (isShadowed(mode)) {
                    candidates.add(mode.version());
                }
            }
            return List.copyOf(candidates);
        }

        private List<ModelVersion> listed() {
            String key = keys.candidates();
            EvaluationDetail<LDValue> detail = ask(key);
            if (isOff(detail.getReason()) || !isTrustworthy(key, detail)) {
                return List.of();
            }
            LDValue value = detail.getValue();
            if (value.isString()) {
                String text = value.stringValue().strip();
                if (text.isEmpty()) {
                    return List.of();
                }
                if (text.startsWith("[")) {
                    value = array(key, text);
                }
            }
            if (value.isNull()) {
                return List.of();
            }
            List<ModelVersion> versions = new ArrayList<>();
            if (value.getType() == LDValueType.ARRAY) {
                for (LDValue item : value.values()) {
                    version(key, item).ifPresent(versions::add);
                }
            } else {
                version(key, value).ifPresent(versions::add);
            }
            return versions;
        }

        private LDValue array(String key, String text) {
            try {
                return LDValue.parse(text);
            } catch (RuntimeException e) { // the SDK's parser throws its unchecked JSON exception
                unusable(key, "answered text that begins like a JSON array and is none; write [\"v2\", \"v3\"]");
                return LDValue.ofNull();
            }
        }

        private boolean isShadowed(FlagState.ShadowMode mode) {
            EvaluationDetail<LDValue> detail = ask(mode.key());
            if (isOff(detail.getReason()) || !isTrustworthy(mode.key(), detail)) {
                return false;
            }
            if (detail.getValue().getType() != LDValueType.BOOLEAN) {
                unusable(mode.key(), "answered " + quoted(detail.getValue()) + "; it must be a boolean flag");
                return false;
            }
            return detail.getValue().booleanValue();
        }

        private EvaluationDetail<LDValue> ask(String key) {
            return client.jsonValueVariationDetail(key, context, LDValue.ofNull());
        }

        /** A flag whose prerequisite is not met answers as if it were off. */
        private boolean isOff(EvaluationReason reason) {
            return reason.getKind() == EvaluationReason.Kind.OFF
                    || reason.getKind() == EvaluationReason.Kind.PREREQUISITE_FAILED;
        }

        private boolean isTrustworthy(String key, EvaluationDetail<LDValue> detail) {
            EvaluationReason reason = detail.getReason();
            if (reason.getKind() == EvaluationReason.Kind.ERROR) {
                unusable(key, "could not be evaluated: " + explain(reason.getErrorKind()));
                return false;
            }
            FlagShape shape = state.shapes().get(key);
            Optional<String> misfit = shape == null ? Optional.empty() : shape.misfit(reason, attributes);
            misfit.ifPresent(what -> unusable(key, what));
            return misfit.isEmpty();
        }

        private Optional<ModelVersion> version(String key, LDValue value) {
            Optional<ModelVersion> version =
                    value.isString() ? ModelVersion.parse(value.stringValue()) : Optional.empty();
            if (version.isEmpty()) {
                unusable(
                        key,
                        "answered " + quoted(value) + ", which is not the name of a model version: text of 1 to 64"
                                + " letters, digits, '.', '_' or '-' that starts with a letter or digit");
            }
            return version;
        }

        private RoutingReason reason(String key, EvaluationReason reason) {
            return switch (reason.getKind()) {
                case TARGET_MATCH -> RoutingReason.TARGET;
                case RULE_MATCH -> RoutingReason.RULE;
                case FALLTHROUGH -> {
                    FlagShape shape = state.shapes().get(key);
                    yield shape != null && shape.fallthrough().isPresent()
                            ? RoutingReason.ROLLOUT
                            : RoutingReason.DEFAULT;
                }
                case OFF, PREREQUISITE_FAILED -> RoutingReason.KILLED;
                case ERROR -> RoutingReason.FALLBACK;
            };
        }

        private void unusable(String key, String what) {
            unusable++;
            complaint = "flag '" + key + "' " + what;
        }
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

    private static @Nullable String text(LDValue value) {
        if (value.isNull()) {
            return null;
        }
        return value.isString() ? value.stringValue() : value.toJsonString();
    }

    /** Shortened: a wrong answer may be anything. */
    private static String quoted(LDValue value) {
        String text = value.isString() ? "'" + value.stringValue() + "'" : value.toJsonString();
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
