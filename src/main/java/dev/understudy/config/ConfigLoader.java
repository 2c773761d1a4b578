package dev.understudy.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.understudy.domain.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Loads {@code understudy.yaml}: the defaults, overlaid by the file, overlaid by {@code UNDERSTUDY_...} variables of
 * the environment. What the defaults do not know is refused with the nearest key that they do.
 */
public final class ConfigLoader {
    private static final String DEFAULTS = "/understudy-defaults.yaml";
    private static final String ENVIRONMENT_PREFIX = "UNDERSTUDY_";
    /** Keys whose children are the user's own names. */
    private static final Set<String> FREE_FORM = Set.of(
            "kafka.properties", "registry.properties", "evaluate.segments", "readiness.margins", "readiness.holds");

    private final YAMLMapper mapper;
    private final Map<String, String> environment;

    ConfigLoader(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        this.mapper = YAMLMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .addModule(new SimpleModule().addDeserializer(Duration.class, new DurationDeserializer()))
                .build();
    }

    /** A loader that takes overrides from the environment of this process. */
    public static ConfigLoader ofProcess() {
        return new ConfigLoader(System.getenv());
    }

    /** The defaults alone, with the environment's overrides. */
    public UnderstudyConfig loadDefaults() {
        return bind(overrideFromEnvironment(defaults()), "the defaults", Path.of(""));
    }

    /**
     * Reads a file. Relative paths in it are relative to the file's folder.
     *
     * @throws ConfigurationException if the file is missing, malformed, or holds an unknown key or a bad value
     */
    public UnderstudyConfig load(Path file) {
        JsonNode given;
        try {
            given = mapper.readTree(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("configuration file " + file + " does not exist", e);
        } catch (JacksonException e) {
            throw new ConfigurationException(file + at(e) + ": not valid YAML: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ConfigurationException("configuration file " + file + " cannot be read: " + e.getMessage(), e);
        }
        ObjectNode merged = defaults();
        if (given instanceof ObjectNode object) {
            overlay(merged, object, "", file.toString());
        } else if (!given.isMissingNode() && !given.isNull()) {
            throw new ConfigurationException(file + ": a mapping of keys to values is expected");
        }
        Path folder = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), Path.of(""));
        return bind(overrideFromEnvironment(merged), file.toString(), folder);
    }

    private ObjectNode defaults() {
        try (InputStream in = Objects.requireNonNull(ConfigLoader.class.getResourceAsStream(DEFAULTS), DEFAULTS)) {
            return (ObjectNode) mapper.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private UnderstudyConfig bind(ObjectNode tree, String source, Path folder) {
        resolve(tree, "model", "directory", folder);
        resolve(tree, "kafka", "state-directory", folder);
        resolve(tree, "flags", "file", folder);
        resolve(tree, "registry", "password-file", folder);
        resolve(tree, "registry", "bearer-token-file", folder);
        if (tree.path("flags").path("launchdarkly") instanceof ObjectNode launchDarkly) {
            resolve(launchDarkly, "sdk-key-file", folder);
        }
        try {
            return mapper.treeToValue(tree, UnderstudyConfig.class);
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause();
            throw new ConfigurationException(
                    source + ": " + (cause == null ? e.getOriginalMessage() : cause.getMessage()), e);
        } catch (MismatchedInputException e) {
            throw new ConfigurationException(
                    source + ": " + key(e) + " " + expectation(e, tree.at("/" + key(e).replace('.', '/'))), e);
        } catch (JsonMappingException e) {
            throw new ConfigurationException(source + ": " + key(e) + ": " + e.getOriginalMessage(), e);
        } catch (JacksonException e) {
            throw new ConfigurationException(source + ": " + e.getOriginalMessage(), e);
        }
    }

    private static String expectation(MismatchedInputException e, JsonNode value) {
        String given = value.isValueNode() ? ", was '" + value.asText() + "'" : "";
        Class<?> type = e.getTargetType();
        if (type == int.class || type == long.class) {
            return "must be a whole number" + given;
        }
        if (type == double.class || type == Double.class) {
            return "must be a number" + given;
        }
        if (type == boolean.class) {
            return "must be true or false" + given;
        }
        if (type != null && type.isEnum()) {
            return "must be one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT) + given;
        }
        return "is not of the form shown in understudy-defaults.yaml" + given;
    }

    private static String key(JsonMappingException e) {
        return e.getPath().stream()
                .map(reference ->
                        reference.getFieldName() == null ? "[" + reference.getIndex() + "]" : reference.getFieldName())
                .collect(Collectors.joining("."));
    }

    private static void resolve(ObjectNode tree, String section, String key, Path folder) {
        if (tree.path(section) instanceof ObjectNode object) {
            resolve(object, key, folder);
        }
    }

    private static void resolve(ObjectNode section, String key, Path folder) {
        if (section.path(key).isTextual()) {
            section.put(
                    key,
                    folder.resolve(section.path(key).textValue()).normalize().toString());
        }
    }

    private void overlay(ObjectNode onto, ObjectNode given, String prefix, String source) {
        for (Map.Entry<String, JsonNode> field : given.properties()) {
            String key = prefix + field.getKey();
            JsonNode known = onto.get(field.getKey());
            if (known == null) {
                throw new ConfigurationException(source + ": unknown key '" + key + "'; "
                        + Suggestion.nearest(field.getKey(), names(onto))
                                .map(name -> "did you mean '" + prefix + name + "'?")
                                .orElse("known here are " + String.join(", ", names(onto))));
            }
            JsonNode value = field.getValue();
            if (known instanceof ObjectNode section) {
                if (FREE_FORM.contains(key)) {
                    overlayFreeForm(section, value, key, source);
                } else if (value instanceof ObjectNode object) {
                    overlay(section, object, key + ".", source);
                } else if (!value.isNull()) {
                    throw new ConfigurationException(source + ": " + key + " must be a mapping with the keys "
                            + names(section) + ", was " + value);
                }
            } else if (value.isNull() && !known.isNull()) {
                throw new ConfigurationException(
                        source + ": " + key + " has no value; leave the key out for its default " + known);
            } else {
                onto.set(field.getKey(), value);
            }
        }
    }

    private static void overlayFreeForm(ObjectNode onto, JsonNode value, String key, String source) {
        if (!(value instanceof ObjectNode object)) {
            throw new ConfigurationException(source + ": " + key + " must be a mapping, was " + value);
        }
        if (key.endsWith(".properties")) {
            object.properties()
                    .forEach(entry -> onto.put(entry.getKey(), entry.getValue().asText()));
        } else {
            onto.setAll(object);
        }
    }

    private ObjectNode overrideFromEnvironment(ObjectNode tree) {
        List<String[]> leaves = new ArrayList<>();
        collectLeaves(tree, new String[0], leaves);
        Map<String, String[]> byVariable =
                leaves.stream().collect(Collectors.toMap(ConfigLoader::variable, leaf -> leaf, (a, b) -> a));
        for (Map.Entry<String, String> entry : environment.entrySet()) {
            if (!entry.getKey().startsWith(ENVIRONMENT_PREFIX)) {
                continue;
            }
            String[] path = byVariable.get(entry.getKey());
            if (path == null) {
                throw new ConfigurationException("environment variable " + entry.getKey() + " overrides no key"
                        + Suggestion.didYouMean(entry.getKey(), byVariable.keySet()));
            }
            ObjectNode section = tree;
            for (String name : Arrays.copyOf(path, path.length - 1)) {
                section = (ObjectNode) section.get(name);
            }
            section.set(path[path.length - 1], scalar(entry.getKey(), entry.getValue()));
        }
        return tree;
    }

    private JsonNode scalar(String variable, String text) {
        try {
            JsonNode node = mapper.readTree(text);
            return node == null || node.isMissingNode() ? JsonNodeFactory.instance.textNode(text) : node;
        } catch (JacksonException e) {
            throw new ConfigurationException(
                    "environment variable " + variable + " is not a YAML value: '" + text + "'", e);
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

    private static String at(JacksonException e) {
        return e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
    }

    private static final class DurationDeserializer extends StdScalarDeserializer<Duration> {
        private static final long serialVersionUID = 1;

        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public @Nullable Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = parser.getValueAsString();
            try {
                return DurationText.parse(text == null ? "" : text);
            } catch (IllegalArgumentException e) {
                throw JsonMappingException.from(parser, e.getMessage(), e);
            }
        }
    }
}
