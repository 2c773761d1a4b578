package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.Answer;
import dev.understudy.flags.AnswerCache;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagAnswer;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.KnownFlags;
import io.getunleash.engine.Context;
import io.getunleash.engine.FeatureDef;
import io.getunleash.engine.UnleashEngine;
import io.getunleash.engine.VariantDef;
import io.getunleash.engine.YggdrasilInvalidInputException;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The flags of one document, in an engine of their own, with the answers given under them. A change makes a new one, so
 * a question that needs several flags never sees a mixture.
 *
 * <p>An entity is Unleash's {@code userId}; the attributes are the context's properties, but {@code sessionId} and
 * {@code remoteAddress} are the context's own fields of that name. Attributes named like its other fields are not passed
 * on.
 */
final class FlagState {
    static final Set<String> RESERVED = Set.of("userId", "appName", "environment", "currentTime");
    private static final FlagAnswer BROKEN =
            new FlagAnswer.Unusable(NullNode.getInstance(), "could not be evaluated: Unleash's engine failed");
    private static final FlagAnswer UNREADABLE = new FlagAnswer.Unusable(
            NullNode.getInstance(),
            "could not be evaluated: Unleash's engine cannot read one of its constraints, e.g. a date, number or version");

    private final FlagDocument document;
    private final KnownFlags known;
    private final boolean counting;
    private final UnleashEngine engine = new UnleashEngine();
    private final UnleashEngine probes = new UnleashEngine(); // what it is asked is not counted
    private final Set<String> unreadable = new HashSet<>();
    private final Set<String> dividesBy = new HashSet<>();
    private final AnswerCache cache;

    /**
     * Loads the flags.
     *
     * @param counting whether every evaluation is counted, so that no answer is remembered
     */
    FlagState(FlagDocument document, FlagKeys keys, ModelVersion defaultVersion, boolean counting)
            throws FlagDocumentException {
        this.document = document;
        this.known = new KnownFlags(keys, defaultVersion, document.flags().keySet());
        this.counting = counting;
        boolean remembering = !counting && !document.isByClock();
        this.cache = new AnswerCache(
                remembering ? AnswerCache.SLOTS : 0,
                document.flags().values().stream().allMatch(flag -> flag.constant() != null));
        document.flags().values().forEach(flag -> dividesBy.addAll(flag.dividesBy()));
        load(engine);
        load(probes);
        document.flags().forEach((key, flag) -> {
            if (flag.constant() != FlagDefinition.OFF && !isOn(key + FlagDocument.READABLE, new Context())) {
                unreadable.add(key);
            }
        });
    }

    FlagDocument document() {
        return document;
    }

    KnownFlags known() {
        return known;
    }

    UnleashEngine engine() {
        return engine;
    }

    Answer route(String entityId, Map<String, String> attributes) {
        Answer answer = cache.get(entityId, attributes);
        if (answer == null) {
            answer = evaluate(entityId, attributes, known::route);
            cache.put(entityId, attributes, answer);
        }
        return answer;
    }

    Explanation explain(String entityId, Map<String, String> attributes) {
        return evaluate(entityId, attributes, known::explain);
    }

    List<FlagDescription> describe() {
        return known.describe(
                key -> Objects.requireNonNull(document.descriptions().get(key), key));
    }

    private <T> T evaluate(
            String entityId,
            Map<String, String> attributes,
            BiFunction<String, Function<String, FlagAnswer>, T> question) {
        Context context = context(entityId, attributes);
        try {
            return question.apply(entityId, key -> ask(key, context));
        } finally {
            // The engine frees its native memory when nobody holds it, even while it is being asked.
            Reference.reachabilityFence(this);
        }
    }

    private FlagAnswer ask(String key, Context context) {
        FlagDefinition flag = Objects.requireNonNull(document.flags().get(key), key);
        boolean readable = !unreadable.contains(key);
        FlagAnswer constant = flag.constant();
        if (constant != null && readable && !counting) {
            return constant;
        }
        try {
            VariantDef answer = engine.getVariant(key, context).value;
            if (answer == null) {
                return BROKEN;
            }
            if (answer.isFeatureEnabled()) {
                return flag.answers().get(Integer.parseInt(answer.getPayload().getValue()));
            }
        } catch (YggdrasilInvalidInputException e) {
            return BROKEN;
        }
        if (flag.hasPrerequisites() && !isOn(key + FlagDocument.PREREQUISITES, context)) {
            return FlagDefinition.OFF;
        }
        return readable ? flag.unmatched() : UNREADABLE; // to the engine it is never on
    }

    private boolean isOn(String probe, Context context) {
        try {
            return Boolean.TRUE.equals(probes.isEnabled(probe, context).value);
        } catch (YggdrasilInvalidInputException e) {
            return false;
        }
    }

    private Context context(String entityId, Map<String, String> attributes) {
        Context context = new Context();
        context.setUserId(entityId);
        context.setSessionId(attributes.get("sessionId"));
        context.setRemoteAddress(attributes.get("remoteAddress"));
        Map<String, String> properties = new HashMap<>(attributes);
        properties.keySet().removeAll(RESERVED);
        for (String attribute : dividesBy) {
            if (properties.getOrDefault(attribute, "").isEmpty()) {
                properties.put(FlagMarker.LACKS + attribute, "true");
            }
        }
        context.setProperties(properties);
        return context;
    }

    /** The engine only logs what it does not take. */
    private void load(UnleashEngine into) throws FlagDocumentException {
        try {
            into.takeState(document.forEngine());
        } catch (YggdrasilInvalidInputException e) {
            throw new FlagDocumentException("Unleash's engine does not take the flags", e);
        }
        Set<String> taken = new HashSet<>();
        for (FeatureDef flag : into.listKnownToggles()) {
            taken.add(flag.getName());
        }
        if (!taken.containsAll(document.flags().keySet())) {
            throw new FlagDocumentException("Unleash's engine does not take the flags");
        }
    }
}
