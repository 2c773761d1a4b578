package dev.understudy.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.understudy.domain.FileProblem;
import dev.understudy.domain.Suggestion;
import dev.understudy.flags.plan.WriteToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Loads {@code understudy.yaml}: the defaults, overlaid by the file, overlaid by {@code UNDERSTUDY_...} variables of
 * the environment, of which one holds a secret instead. What the defaults do not know is refused with the nearest key that they do.
 */
public final class ConfigLoader {
    private static final String DEFAULTS = "/understudy-defaults.yaml";
    private static final String ENVIRONMENT_PREFIX = "UNDERSTUDY_";
    /** What Kubernetes sets in the pods of a namespace for a service named {@code understudy} or {@code understudy-...}. */
    private static final Pattern SERVICE_VARIABLE = Pattern.compile("UNDERSTUDY_([A-Z0-9_]+_)?"
            + "(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)");
    /** The value of one more of them, {@code ..._PORT}, which may be the name of a key's variable too. */
    private static final Pattern SERVICE_URL = Pattern.compile("(tcp|udp|sctp)://.+");

    /** Keys whose children are the user's own names. */
    private static final Set<String> FREE_FORM = Set.of(
            "kafka.properties", "registry.properties", "evaluate.segments", "readiness.margins", "readiness.holds");

    private final YAMLMapper mapper;
    private final Map<String, String> environment;

    ConfigLoader(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        this.mapper = YAMLMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .addModule(ConfigValues.module())
                .build();
    }

    /** A loader that takes overrides from the environment of this process. */
    public static ConfigLoader ofProcess() {
        return new ConfigLoader(System.getenv());
    }

    /**
     * What allows to change flags, where the environment has it. It is no key: a file could be printed.
     *
     * @throws ConfigurationException if it cannot be a token; the message does not show it
     */
    public Optional<WriteToken> writeToken() {
        try {
            return Optional.ofNullable(environment.get(WriteToken.VARIABLE)).map(WriteToken::new);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("environment variable " + e.getMessage(), e);
        }
    }

    /** The defaults alone, with the environment's overrides. */
    public UnderstudyConfig loadDefaults() {
        return bind(defaultsAlone());
    }

    private Merged defaultsAlone() {
        return completed(defaults(), new ConfigOrigin(ConfigOrigin.DEFAULTS), Path.of(""));
    }

    /**
     * Every key as it counts, in the order of the defaults. Secrets are not shown.
     *
     * @param file null for the defaults alone
     * @throws ConfigurationException as {@link #load} does
     */
    public List<Setting> settings(@Nullable Path file) {
        Merged merged = file == null ? defaultsAlone() : merged(file);
        bind(merged);
        List<String[]> leaves = new ArrayList<>();
        collectLeaves(defaults(), new String[0], leaves);
        List<Setting> settings = new ArrayList<>();
        for (String[] leaf : leaves) {
            String key = String.join(".", leaf);
            JsonNode value = merged.tree().at("/" + String.join("/", leaf));
            settings.add(new Setting(
                    key, ConfigValues.masked(key, value), merged.origin().of(key)));
        }
        return settings;
    }

    /** What there is to configure. */
    public ConfigReference reference() {
        return new ConfigReference(defaults(), defaultsText());
    }

    /** All that was given, checked for nothing but its keys, with paths resolved. */
    private record Merged(ObjectNode tree, ConfigOrigin origin) {}

    /**
     * Reads a file. Relative paths in it are relative to the file's folder.
     *
     * @throws ConfigurationException if the file is missing, malformed, or holds an unknown key or a bad value
     */
    public UnderstudyConfig load(Path file) {
        return bind(merged(file));
    }

    private Merged merged(Path file) {
        JsonNode given;
        try {
            given = mapper.readTree(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("configuration file " + file + " does not exist", e);
        } catch (JacksonException e) {
            throw new ConfigurationException(file + YamlProblem.place(e) + ": " + YamlProblem.reason(e), e);
        } catch (IOException e) {
            throw new ConfigurationException(
                    "configuration file " + file + " cannot be read: " + FileProblem.of(file, e), e);
        }
        ConfigOrigin origin = new ConfigOrigin(file.toString());
        ObjectNode merged = defaults();
        if (given instanceof ObjectNode object) {
            overlay(merged, object, "", origin);
        } else if (!given.isMissingNode() && !given.isNull()) {
            throw new ConfigurationException(file + ": a mapping of keys to values is expected, such as 'model: {name:"
                    + " fraud}', but it holds " + ConfigValues.kind(given));
        }
        Path folder = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), Path.of(""));
        return completed(merged, origin, folder);
    }

    private ObjectNode defaults() {
        try {
            return (ObjectNode) mapper.readTree(defaultsText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String defaultsText() {
        try (InputStream in = Objects.requireNonNull(ConfigLoader.class.getResourceAsStream(DEFAULTS), DEFAULTS)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Merged completed(ObjectNode tree, ConfigOrigin origin, Path folder) {
        overrideFromEnvironment(tree, origin);
        resolve(tree, "model.directory", folder, origin);
        resolve(tree, "kafka.state-directory", folder, origin);
        resolve(tree, "kafka.properties-file", folder, origin);
        resolve(tree, "flags.file", folder, origin);
        resolve(tree, "registry.properties-file", folder, origin);
        resolve(tree, "registry.password-file", folder, origin);
        resolve(tree, "registry.bearer-token-file", folder, origin);
        resolve(tree, "flags.launchdarkly.sdk-key-file", folder, origin);
        resolve(tree, "flags.launchdarkly.backup-file", folder, origin);
        resolve(tree, "flags.unleash.token-file", folder, origin);
        resolve(tree, "flags.unleash.backup-file", folder, origin);
        resolve(tree, "flags.flagsmith.environment-key-file", folder, origin);
        resolve(tree, "flags.flagsmith.backup-file", folder, origin);
        resolve(tree, "page.token-file", folder, origin);
        return new Merged(tree, origin);
    }

    private UnderstudyConfig bind(Merged merged) {
        ObjectNode tree = merged.tree();
        ConfigOrigin origin = merged.origin();
        try {
            return mapper.treeToValue(tree, UnderstudyConfig.class);
        } catch (ValueInstantiationException e) {
            if (e.getCause() instanceof IllegalArgumentException wrong) {
                throw origin.refusal(String.valueOf(wrong.getMessage()), e);
            }
            throw origin.refusal(ConfigValues.key(e) + " is not of the form shown in understudy-defaults.yaml", e);
        } catch (JsonMappingException e) {
            throw origin.refusal(ConfigValues.key(e) + " " + ConfigValues.expectation(e, tree), e);
        } catch (JacksonException e) {
            throw origin.refusal(YamlProblem.reason(e), e);
        }
    }

    private static void resolve(ObjectNode tree, String key, Path folder, ConfigOrigin origin) {
        int name = key.lastIndexOf('.') + 1;
        if (tree.at("/" + key.substring(0, name - 1).replace('.', '/')) instanceof ObjectNode section
                && section.path(key.substring(name)).isTextual()) {
            String text = section.path(key.substring(name)).textValue();
            try {
                section.put(
                        key.substring(name), folder.resolve(text).normalize().toString());
            } catch (InvalidPathException e) {
                throw origin.refusal(key + " must be a path, was '" + text + "'", e);
            }
        }
    }

    private static void overlay(ObjectNode onto, ObjectNode given, String prefix, ConfigOrigin origin) {
        for (Map.Entry<String, JsonNode> field : given.properties()) {
            String key = prefix + field.getKey();
            JsonNode known = onto.get(field.getKey());
            if (known == null) {
                throw origin.refusal("unknown key '" + key + "'; "
                        + Suggestion.nearest(field.getKey(), names(onto))
                                .map(name -> "did you mean '" + prefix + name + "'?")
                                .orElse("known here are " + String.join(", ", names(onto))));
            }
            JsonNode value = field.getValue();
            origin.give(key);
            if (known instanceof ObjectNode section) {
                if (FREE_FORM.contains(key)) {
                    section.setAll(freeForm(value, key, origin));
                } else if (value instanceof ObjectNode object) {
                    overlay(section, object, key + ".", origin);
                } else if (!value.isNull()) {
                    throw origin.refusal(key + " must be a mapping with the keys " + names(section) + ", was "
                            + ConfigValues.shown(key, value));
                }
            } else {
                onto.set(field.getKey(), leaf(value, known, key, origin));
            }
        }
    }

    private static JsonNode leaf(JsonNode value, JsonNode known, String key, ConfigOrigin origin) {
        if (value.isNull() && !known.isNull()) {
            throw origin.refusal(key + " has no value; leave the key out for its default " + known);
        }
        requireNoGaps(value, key, origin);
        return value;
    }

    private static ObjectNode freeForm(JsonNode value, String key, ConfigOrigin origin) {
        if (!(value instanceof ObjectNode object)) {
            throw origin.refusal(key + " must be a mapping, was " + ConfigValues.shown(key, value));
        }
        requireNoGaps(object, key, origin);
        if (!key.endsWith(".properties")) {
            return object;
        }
        ObjectNode texts = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (!entry.getValue().isValueNode()) {
                throw origin.refusal(key + "." + entry.getKey() + " must be a text, a number or a boolean, was "
                        + ConfigValues.kind(entry.getValue()) + "; names with dots are written in one piece, such as"
                        + " 'security.protocol: SSL'");
            }
            texts.put(entry.getKey(), entry.getValue().asText());
        }
        return texts;
    }

    /** Lists and mappings hold nothing that has no value. */
    private static void requireNoGaps(JsonNode value, String key, ConfigOrigin origin) {
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            if (value.path(i).isNull()) {
                throw origin.refusal(key + "[" + i + "] has no value; leave it out, or give it one");
            }
            requireNoGaps(value.path(i), key + "[" + i + "]", origin);
        }
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            if (entry.getValue().isNull()) {
                throw origin.refusal(key + "." + entry.getKey() + " has no value; leave the key out, or give it one");
            }
            requireNoGaps(entry.getValue(), key + "." + entry.getKey(), origin);
        }
    }

    private void overrideFromEnvironment(ObjectNode tree, ConfigOrigin origin) {
        List<String[]> leaves = new ArrayList<>();
        collectLeaves(defaults(), new String[0], leaves);
        Map<String, String[]> byVariable =
                leaves.stream().collect(Collectors.toMap(ConfigLoader::variable, leaf -> leaf, (a, b) -> a));
        for (Map.Entry<String, String> entry : environment.entrySet()) {
            if (!entry.getKey().startsWith(ENVIRONMENT_PREFIX)
                    || entry.getKey().equals(WriteToken.VARIABLE)
                    || isOfService(entry.getKey(), entry.getValue())) {
                continue;
            }
            String[] path = byVariable.get(entry.getKey());
            if (path == null) {
                throw new ConfigurationException("environment variable " + entry.getKey() + " overrides no key"
                        + Suggestion.didYouMean(entry.getKey(), byVariable.keySet()));
            }
            String key = String.join(".", path);
            origin.override(key, entry.getKey());
            ObjectNode section = tree;
            for (String name : Arrays.copyOf(path, path.length - 1)) {
                section = (ObjectNode) section.get(name);
            }
            String name = path[path.length - 1];
            JsonNode value = scalar(key, entry.getValue(), origin);
            section.set(
                    name,
                    FREE_FORM.contains(key)
                            ? freeForm(value, key, origin)
                            : leaf(value, section.path(name), key, origin));
        }
    }

    private static boolean isOfService(String variable, String value) {
        return SERVICE_VARIABLE.matcher(variable).matches()
                || (variable.endsWith("_PORT") && SERVICE_URL.matcher(value).matches());
    }

    private JsonNode scalar(String key, String text, ConfigOrigin origin) {
        try {
            JsonNode node = mapper.readTree(text);
            return node == null || node.isMissingNode() ? JsonNodeFactory.instance.textNode(text) : node;
        } catch (JacksonException e) {
            throw origin.refusal(
                    key + " must be a YAML value, was "
                            + ConfigValues.shown(key, JsonNodeFactory.instance.textNode(text)) + ": "
                            + YamlProblem.reason(e),
                    e);
        }
    }

    private static void collectLeaves(ObjectNode node, String[] path, List<String[]> leaves) {
        node.properties().forEach(field -> {
            String[] child = Arrays.copyOf(path, path.length + 1);
            child[path.length] = field.getKey();
            if (field.getValue() instanceof ObjectNode section && !FREE_FORM.contains(String.join(".", child))) {
                collectLeaves(section, child, leaves);
            } else {
                leaves.add(child);
            }
        });
    }

    private static String variable(String[] path) {
        return ENVIRONMENT_PREFIX + String.join("_", path).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static List<String> names(ObjectNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
