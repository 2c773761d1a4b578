package dev.understudy.flags;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The flags that exist in one state of a source, and how their answers become a routing: the rules of {@link ModelFlags},
 * whichever system the flags are of. A source makes a new one when its flags change. Safe to use from several threads.
 */
public final class KnownFlags {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private final FlagKeys keys;
    private final ModelVersion defaultVersion;
    private final NavigableSet<String> existing = new TreeSet<>();
    private final NavigableMap<String, ModelVersion> shadowModes = new TreeMap<>();
    private volatile @Nullable String complaint;

    /** @param existing keys of the flags that exist; others than those of {@code keys} are ignored */
    public KnownFlags(FlagKeys keys, ModelVersion defaultVersion, Collection<String> existing) {
        this.keys = keys;
        this.defaultVersion = defaultVersion;
        existing.stream().filter(keys::cover).forEach(this.existing::add);
        for (String key : this.existing) {
            if (key.equals(keys.serving()) || key.equals(keys.candidates())) {
                continue;
            }
            Optional<ModelVersion> version =
                    ModelVersion.parse(key.substring(keys.shadowPrefix().length()));
            version.ifPresentOrElse(
                    known -> shadowModes.put(key, known),
                    () -> complaint = "flag '" + key + "' is ignored: after '" + keys.shadowPrefix()
                            + "' there must be the name of a model version: " + ModelVersion.RULE);
        }
    }

    /**
     * Keys of the flags without which there is nothing to decide by. The candidates flag may be missing where flags of
     * single versions exist.
     */
    public List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (!existing.contains(keys.serving())) {
            missing.add(keys.serving());
        }
        if (!existing.contains(keys.candidates()) && shadowModes.isEmpty()) {
            missing.add(keys.candidates());
        }
        return missing;
    }

    /** What is wrong with the flags themselves, for people: the last that was noticed. */
    public Optional<String> problem() {
        if (!existing.contains(keys.serving())) {
            return Optional.of("flag '" + keys.serving() + "' does not exist, so the default version " + defaultVersion
                    + " serves; create it as a string flag");
        }
        return Optional.ofNullable(complaint);
    }

    /**
     * Asks as many of the flags as it takes to decide for one request.
     *
     * @param ask what the flag of a key answers to this request; asked only about flags that exist, and for an entity
     *     that has an id
     */
    public Answer route(String entityId, Function<String, FlagAnswer> ask) {
        return new Question(entityId, ask, problem -> {}).answer();
    }

    /** Decides as {@link #route} does, and says what was asked and answered. */
    public Explanation explain(String entityId, Function<String, FlagAnswer> ask) {
        Map<String, FlagAnswer> answers = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        Function<String, FlagAnswer> heard = key -> {
            FlagAnswer answer = ask.apply(key);
            answers.put(key, answer);
            return answer;
        };
        return new Explanation(
                new Question(entityId, heard, problems::add).answer().routing(), answers, problems);
    }

    /**
     * Describes the flags that are asked, in our order.
     *
     * @param each describes the flag of a key; asked only about flags that exist
     */
    public List<FlagDescription> describe(Function<String, FlagDescription> each) {
        List<FlagDescription> descriptions = new ArrayList<>();
        for (String key : List.of(keys.serving(), keys.candidates())) {
            descriptions.add(existing.contains(key) ? each.apply(key) : FlagDescription.missing(key));
        }
        shadowModes.keySet().forEach(key -> descriptions.add(each.apply(key)));
        return descriptions;
    }

    private final class Question {
        private final String entityId;
        private final Function<String, FlagAnswer> ask;
        private final Consumer<String> problems;
        private int unusable;

        Question(String entityId, Function<String, FlagAnswer> ask, Consumer<String> problems) {
            this.entityId = entityId;
            this.ask = ask;
            this.problems = problems;
        }

        Answer answer() {
            RoutingDecision served = served();
            List<ModelVersion> candidates = served.reason() == RoutingReason.KILLED ? List.of() : candidates();
            return new Answer(new Routing(served, candidates), unusable);
        }

        private RoutingDecision served() {
            String key = keys.serving();
            FlagAnswer answer = ask(key);
            String variation = text(answer.value());
            if (answer instanceof FlagAnswer.Off) {
                return new RoutingDecision(defaultVersion, key, variation, RoutingReason.KILLED);
            }
            if (answer instanceof FlagAnswer.Given given) {
                Optional<ModelVersion> version = version(key, given.value());
                if (version.isPresent()) {
                    return new RoutingDecision(version.get(), key, variation, given.reason());
                }
            }
            return new RoutingDecision(defaultVersion, key, variation, RoutingReason.FALLBACK);
        }

        private List<ModelVersion> candidates() {
            Set<ModelVersion> candidates = new LinkedHashSet<>();
            if (existing.contains(keys.candidates())) {
                for (ModelVersion version : listed()) {
                    if (!shadowModes.containsKey(keys.shadowMode(version))) {
                        candidates.add(version);
                    }
                }
            }
            for (Map.Entry<String, ModelVersion> mode : shadowModes.entrySet()) {
                if (isShadowed(mode.getKey())) {
                    candidates.add(mode.getValue());
                }
            }
            return List.copyOf(candidates);
        }

        private List<ModelVersion> listed() {
            String key = keys.candidates();
            if (!(ask(key) instanceof FlagAnswer.Given given)) {
                return List.of();
            }
            JsonNode value = array(key, given.value());
            List<ModelVersion> versions = new ArrayList<>();
            if (value.isArray()) {
                value.forEach(item -> version(key, item).ifPresent(versions::add));
            } else if (!value.isNull()) {
                version(key, value).ifPresent(versions::add);
            }
            return versions;
        }

        /** The array that a text may hold; a null node where it holds nothing. */
        private JsonNode array(String key, JsonNode value) {
            String text = value.isTextual() ? value.textValue().strip() : "no text";
            if (text.isEmpty()) {
                return NullNode.getInstance();
            }
            if (!text.startsWith("[")) {
                return value;
            }
            try {
                return JSON.readTree(text);
            } catch (JsonProcessingException e) {
                unusable(key, "answered text that begins like a JSON array and is none; write [\"v2\", \"v3\"]");
                return NullNode.getInstance();
            }
        }

        private boolean isShadowed(String key) {
            if (!(ask(key) instanceof FlagAnswer.Given given)) {
                return false;
            }
            if (!given.value().isBoolean()) {
                unusable(key, "answered " + quoted(given.value()) + "; it must be a boolean flag");
            }
            return given.value().booleanValue();
        }

        private FlagAnswer ask(String key) {
            FlagAnswer answer;
            if (entityId.isEmpty()) {
                answer = new FlagAnswer.Unusable(
                        NullNode.getInstance(), "could not be evaluated: the entity id is empty");
            } else if (!existing.contains(key)) {
                answer = new FlagAnswer.Unusable(NullNode.getInstance(), "could not be evaluated: it does not exist");
            } else {
                answer = ask.apply(key);
            }
            if (answer instanceof FlagAnswer.Unusable wrong) {
                unusable(key, wrong.why());
            }
            return answer;
        }

        private Optional<ModelVersion> version(String key, JsonNode value) {
            Optional<ModelVersion> version =
                    value.isTextual() ? ModelVersion.parse(value.textValue()) : Optional.empty();
            if (version.isEmpty()) {
                unusable(
                        key,
                        "answered " + quoted(value) + ", which is not the name of a model version: text of "
                                + ModelVersion.RULE);
            }
            return version;
        }

        private void unusable(String key, String why) {
            unusable++;
            String problem = "flag '" + key + "' " + why;
            complaint = problem;
            problems.accept(problem);
        }
    }

    private static @Nullable String text(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        return value.isTextual() ? value.textValue() : value.toString();
    }

    /** Shortened: a wrong answer may be anything. */
    private static String quoted(JsonNode value) {
        String text = value.isTextual() ? "'" + value.textValue() + "'" : value.toString();
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
