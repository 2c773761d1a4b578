package dev.understudy.flags.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Suggestion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.file.Node.Fields;
import dev.understudy.flags.file.Node.Items;
import dev.understudy.flags.file.Node.Kind;
import dev.understudy.flags.file.Node.Value;
import dev.understudy.flags.launchdarkly.EmbeddedFlags;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The format for people (docs/flags.md), checked wholly and turned into LaunchDarkly's own JSON.
 *
 * <p>LaunchDarkly divides a rollout by putting its variations one after the other over [0, 1) and looking where the
 * entity's hash falls. Growing one of them therefore keeps everybody who was in only if its other end stays where it is.
 * So the order is not that of the rollout, which people rearrange, but that of the flag's {@code variations}, dealt
 * alternately to the two ends, with the one that gives way in the middle:
 *
 * <pre>
 *   variations [v1, v2, v3], default v1      0 |v2 →|      v1      |← v3| 1
 * </pre>
 *
 * <p>Any two candidates can grow and shrink independently; a third one stands next to the first and is moved by it.
 */
final class FlagFile {
    private static final Pattern PERCENT = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.[0-9]{1,3})?");
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
    private static final Set<String> KEYS =
            new LinkedHashSet<>(List.of("on", "variations", "serve", "rollout", "rules", "targets", "salt"));
    private static final Set<String> RULE_KEYS = new LinkedHashSet<>(List.of("if", "serve", "rollout"));
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final FlagKeys keys;
    private final ModelVersion defaultVersion;

    FlagFile(FlagKeys keys, ModelVersion defaultVersion) {
        this.keys = keys;
        this.defaultVersion = defaultVersion;
    }

    /** What a flag may answer: the names used in the file, in order, with the values that they stand for. */
    private record Variations(LinkedHashMap<String, JsonNode> byName, String yielding) {
        List<String> names() {
            return List.copyOf(byName.keySet());
        }
    }

    /** Gives LaunchDarkly's JSON of each flag, by key. */
    Map<String, String> read(String text, boolean json) throws FlagFileException {
        Fields file = fields(NodeReader.read(text, json), "an object with the one key 'flags'");
        onlyKeys(file, Set.of("flags"));
        Fields flags = fields(required(file, "flags"), "the flags by key, e.g. " + keys.serving() + ": v1");
        Map<String, String> definitions = new LinkedHashMap<>();
        for (Map.Entry<String, Node> flag : flags.byKey().entrySet()) {
            definitions.put(
                    flag.getKey(), definition(flag.getKey(), flag.getValue()).toString());
        }
        required(flags, keys.serving());
        return definitions;
    }

    private ObjectNode definition(String key, Node node) throws FlagFileException {
        ObjectNode flag = JSON.objectNode();
        flag.put("key", key);
        flag.put("version", 1);
        flag.put("salt", "understudy");
        if (key.equals(keys.serving())) {
            return serving(flag, node);
        }
        if (key.equals(keys.candidates())) {
            return candidates(flag, node);
        }
        if (key.startsWith(keys.shadowPrefix())) {
            String version = key.substring(keys.shadowPrefix().length());
            if (ModelVersion.parse(version).isEmpty()) {
                throw new FlagFileException(
                        node.place(),
                        "flag '" + key + "' must be " + keys.shadowPrefix() + "<version>, and a version must be "
                                + ModelVersion.RULE + ", was '" + version + "'");
            }
            return shadowMode(flag, node);
        }
        throw new FlagFileException(
                node.place(),
                "unknown flag '" + key + "'; known are " + keys.serving() + ", " + keys.candidates() + " and "
                        + keys.shadowPrefix() + "<version>"
                        + Suggestion.didYouMean(key, List.of(keys.serving(), keys.candidates())));
    }

    private ObjectNode serving(ObjectNode flag, Node node) throws FlagFileException {
        if (node instanceof Value value) {
            return constant(flag, JSON.textNode(version(value)));
        }
        Fields fields = fields(node, "a version, or an object with " + String.join(", ", KEYS));
        onlyKeys(fields, KEYS);
        Items list = items(required(fields, "variations"), "the versions that may serve, e.g. [v1, v2]");
        LinkedHashMap<String, JsonNode> byName = new LinkedHashMap<>();
        for (Node item : list.items()) {
            addVariation(byName, item.place(), version(item), JSON.textNode(version(item)));
        }
        return complete(flag, fields, new Variations(byName, yielding(list, byName.keySet(), defaultVersion.name())));
    }

    private ObjectNode candidates(ObjectNode flag, Node node) throws FlagFileException {
        if (!(node instanceof Fields fields)) {
            return constant(flag, versions(node));
        }
        onlyKeys(fields, KEYS);
        Node variations = required(fields, "variations");
        LinkedHashMap<String, JsonNode> byName = new LinkedHashMap<>();
        if (variations instanceof Fields named) {
            for (Map.Entry<String, Node> variation : named.byKey().entrySet()) {
                addVariation(byName, variation.getValue().place(), variation.getKey(), versions(variation.getValue()));
            }
        } else {
            Items list =
                    items(variations, "the candidates, e.g. [v2, v3], or named lists, e.g. {none: [], two: [v2, v3]}");
            for (Node item : list.items()) {
                addVariation(
                        byName, item.place(), version(item), JSON.arrayNode().add(version(item)));
            }
        }
        String none = "";
        for (Map.Entry<String, JsonNode> variation : byName.entrySet()) {
            if (variation.getValue().isEmpty() && none.isEmpty()) {
                none = variation.getKey();
            }
        }
        return complete(flag, fields, new Variations(byName, yielding(variations, byName.keySet(), none)));
    }

    private ObjectNode shadowMode(ObjectNode flag, Node node) throws FlagFileException {
        if (node instanceof Value value) {
            return constant(flag, JSON.booleanNode(bool(value)));
        }
        Fields fields = fields(node, "true, false, or an object with on, serve, rollout, rules, targets, salt");
        onlyKeys(fields, KEYS);
        Node variations = fields.byKey().get("variations");
        if (variations != null) {
            throw new FlagFileException(
                    variations.place(), "the variations of this flag are true and false; remove it");
        }
        LinkedHashMap<String, JsonNode> byName = new LinkedHashMap<>();
        byName.put("true", JSON.booleanNode(true));
        byName.put("false", JSON.booleanNode(false));
        return complete(flag, fields, new Variations(byName, "false"));
    }

    private static ObjectNode constant(ObjectNode flag, JsonNode value) {
        flag.put("on", true);
        flag.putArray("variations").add(value);
        flag.putObject("fallthrough").put("variation", 0);
        return flag;
    }

    /** The parts that all flags share. */
    private static ObjectNode complete(ObjectNode flag, Fields fields, Variations variations) throws FlagFileException {
        Node on = fields.byKey().get("on");
        flag.put("on", on == null || bool(on));
        ArrayNode values = flag.putArray("variations");
        variations.byName().values().forEach(values::add);
        Node salt = fields.byKey().get("salt");
        if (salt != null) {
            flag.put("salt", text(salt, "any text; another salt draws the shares anew"));
        }
        Node targets = fields.byKey().get("targets");
        if (targets != null) {
            flag.set("targets", targets(targets, variations));
        }
        Node rules = fields.byKey().get("rules");
        if (rules != null) {
            flag.set("rules", rules(rules, variations));
        }
        ObjectNode fallthrough = flag.putObject("fallthrough");
        serveOrRollout(fallthrough, fields, variations);
        return flag;
    }

    private static ArrayNode targets(Node node, Variations variations) throws FlagFileException {
        ArrayNode targets = JSON.arrayNode();
        Set<String> seen = new HashSet<>();
        for (Map.Entry<String, Node> target : fields(node, "entity ids by variation, e.g. {v2: [user-42]}")
                .byKey()
                .entrySet()) {
            ObjectNode one = targets.addObject();
            one.put("variation", index(target.getValue().place(), target.getKey(), variations));
            ArrayNode ids = one.putArray("values");
            for (Node id : listOrOne(target.getValue())) {
                String entity = scalar(id, "an entity id");
                if (!seen.add(entity)) {
                    throw new FlagFileException(id.place(), "this entity is targeted a second time; keep one of them");
                }
                ids.add(entity);
            }
        }
        return targets;
    }

    private static ArrayNode rules(Node node, Variations variations) throws FlagFileException {
        ArrayNode rules = JSON.arrayNode();
        for (Node item : items(node, "a list of rules, e.g. [{if: {region: eu}, serve: v2}]")
                .items()) {
            Fields rule = fields(item, "a rule, e.g. {if: {region: eu}, serve: v2}");
            onlyKeys(rule, RULE_KEYS);
            ObjectNode one = rules.addObject();
            one.put("id", "rule-" + rules.size());
            Fields conditions = fields(required(rule, "if"), "values by attribute, e.g. {region: [eu, uk]}");
            if (conditions.byKey().isEmpty()) {
                throw new FlagFileException(
                        conditions.place(),
                        "a rule without a condition would hide all that follows; name an attribute");
            }
            ArrayNode clauses = one.putArray("clauses");
            for (Map.Entry<String, Node> condition : conditions.byKey().entrySet()) {
                clauses.add(clause(condition.getKey(), condition.getValue()));
            }
            serveOrRollout(one, rule, variations);
        }
        return rules;
    }

    private static ObjectNode clause(String attribute, Node node) throws FlagFileException {
        if (attribute.isEmpty() || EmbeddedFlags.reservedAttributes().contains(attribute)) {
            throw new FlagFileException(
                    node.place(),
                    "'" + attribute + "' cannot be asked in a rule; use another attribute, or targets for entity ids");
        }
        ObjectNode clause = JSON.objectNode();
        clause.put("contextKind", "user");
        clause.put("attribute", "/" + attribute.replace("~", "~0").replace("/", "~1"));
        clause.put("op", "in");
        clause.put("negate", false);
        ArrayNode values = clause.putArray("values");
        for (Node value : listOrOne(node)) {
            values.add(scalar(value, "a value of the attribute '" + attribute + "'"));
        }
        if (values.isEmpty()) {
            throw new FlagFileException(node.place(), "an empty list never matches; name at least one value");
        }
        return clause;
    }

    private static void serveOrRollout(ObjectNode into, Fields fields, Variations variations) throws FlagFileException {
        Node serve = fields.byKey().get("serve");
        Node rollout = fields.byKey().get("rollout");
        if ((serve == null) == (rollout == null)) {
            throw new FlagFileException(
                    fields.place(),
                    "there must be either serve (one of " + variations.names() + ") or rollout (percentages), "
                            + (serve == null ? "and there is neither" : "not both"));
        }
        if (serve != null) {
            into.put("variation", index(serve.place(), scalar(serve, "one of " + variations.names()), variations));
        } else if (rollout != null) {
            into.set("rollout", rollout(rollout, variations));
        }
    }

    private static ObjectNode rollout(Node node, Variations variations) throws FlagFileException {
        Map<String, Integer> weights = new LinkedHashMap<>();
        BigDecimal sum = BigDecimal.ZERO;
        for (Map.Entry<String, Node> share : fields(node, "percentages by variation, e.g. {v2: 5, v1: 95}")
                .byKey()
                .entrySet()) {
            index(share.getValue().place(), share.getKey(), variations);
            BigDecimal percent = percent(share.getValue());
            sum = sum.add(percent);
            weights.put(share.getKey(), percent.movePointRight(3).intValueExact());
        }
        if (sum.compareTo(HUNDRED) != 0) {
            throw new FlagFileException(
                    node.place(), "the percentages must add up to 100, but add up to " + sum.toPlainString());
        }
        ObjectNode rollout = JSON.objectNode();
        rollout.put("contextKind", "user");
        ArrayNode weighted = rollout.putArray("variations");
        List<String> names = variations.names();
        for (String name : fromBothEnds(variations)) {
            int weight = weights.getOrDefault(name, 0);
            if (weight > 0) { // the last one also gets what rounding leaves over, so nobody may stand there with 0
                weighted.addObject().put("variation", names.indexOf(name)).put("weight", weight);
            }
        }
        return rollout;
    }

    /** The class comment says why. */
    private static Collection<String> fromBothEnds(Variations variations) {
        List<String> fromStart = new ArrayList<>();
        Deque<String> fromEnd = new ArrayDeque<>();
        boolean start = true;
        for (String name : variations.names()) {
            if (name.equals(variations.yielding())) {
                continue;
            }
            if (start) {
                fromStart.add(name);
            } else {
                fromEnd.addFirst(name);
            }
            start = !start;
        }
        fromStart.add(variations.yielding());
        fromStart.addAll(fromEnd);
        return fromStart;
    }

    /** The preferred one where there is such a variation, else the last. */
    private static String yielding(Node variations, Collection<String> names, String preferred)
            throws FlagFileException {
        if (names.isEmpty()) {
            throw new FlagFileException(variations.place(), "there must be at least one variation");
        }
        return names.contains(preferred) ? preferred : List.copyOf(names).get(names.size() - 1);
    }

    private static void addVariation(Map<String, JsonNode> byName, Place place, String name, JsonNode value)
            throws FlagFileException {
        if (byName.putIfAbsent(name, value) != null) {
            throw new FlagFileException(place, "the variation '" + name + "' stands here a second time; keep one");
        }
    }

    private static int index(Place place, String name, Variations variations) throws FlagFileException {
        int index = variations.names().indexOf(name);
        if (index < 0) {
            throw new FlagFileException(
                    place, "'" + name + "' is not among the variations; they are " + variations.names());
        }
        return index;
    }

    private static BigDecimal percent(Node node) throws FlagFileException {
        if (node instanceof Value value
                && value.kind() == Kind.NUMBER
                && PERCENT.matcher(value.text()).matches()) {
            BigDecimal percent = new BigDecimal(value.text());
            if (percent.compareTo(HUNDRED) <= 0) {
                return percent;
            }
        }
        throw new FlagFileException(
                node.place(),
                "a percentage must be a number from 0 to 100 with at most three decimals, e.g. 5 or 0.25, was "
                        + shown(node));
    }

    private static ArrayNode versions(Node node) throws FlagFileException {
        ArrayNode versions = JSON.arrayNode();
        Set<String> seen = new HashSet<>();
        for (Node version : listOrOne(node)) {
            if (!seen.add(version(version))) {
                throw new FlagFileException(
                        version.place(), "the candidate " + shown(version) + " stands here a second time; keep one");
            }
            versions.add(version(version));
        }
        return versions;
    }

    private static String version(Node node) throws FlagFileException {
        if (node instanceof Value value
                && value.kind() == Kind.TEXT
                && ModelVersion.parse(value.text()).isPresent()) {
            return value.text();
        }
        boolean unquoted = node instanceof Value value && value.kind() != Kind.TEXT && value.kind() != Kind.NOTHING;
        throw new FlagFileException(
                node.place(),
                "a model version must be text of " + ModelVersion.RULE + ", was " + shown(node)
                        + (unquoted ? "; put it in quotes" : ""));
    }

    private static boolean bool(Node node) throws FlagFileException {
        if (node instanceof Value value && (value.kind() == Kind.TRUE || value.kind() == Kind.FALSE)) {
            return value.kind() == Kind.TRUE;
        }
        boolean quoted = node instanceof Value value
                && value.kind() == Kind.TEXT
                && (value.text().equals("true") || value.text().equals("false"));
        throw new FlagFileException(
                node.place(),
                "must be true or false, was " + (quoted ? "the text " : "") + shown(node)
                        + (quoted ? "; remove the quotes" : ""));
    }

    private static String text(Node node, String expected) throws FlagFileException {
        if (node instanceof Value value
                && value.kind() == Kind.TEXT
                && !value.text().isEmpty()) {
            return value.text();
        }
        throw new FlagFileException(node.place(), "must be " + expected + ", was " + shown(node));
    }

    /** Text, or a number or truth value as it was written. */
    private static String scalar(Node node, String expected) throws FlagFileException {
        if (node instanceof Value value && !value.text().isEmpty()) {
            return value.text();
        }
        throw new FlagFileException(node.place(), "must be " + expected + ", was " + shown(node));
    }

    private static List<Node> listOrOne(Node node) {
        return node instanceof Items list ? list.items() : List.of(node);
    }

    private static Items items(Node node, String expected) throws FlagFileException {
        if (node instanceof Items items) {
            return items;
        }
        throw new FlagFileException(node.place(), "must be " + expected + ", was " + shown(node));
    }

    private static Fields fields(Node node, String expected) throws FlagFileException {
        if (node instanceof Fields fields) {
            return fields;
        }
        throw new FlagFileException(node.place(), "must be " + expected + ", was " + shown(node));
    }

    private static Node required(Fields fields, String key) throws FlagFileException {
        @Nullable Node node = fields.byKey().get(key);
        if (node == null) {
            throw new FlagFileException(fields.place(), "the key '" + key + "' is missing");
        }
        return node;
    }

    private static void onlyKeys(Fields fields, Set<String> known) throws FlagFileException {
        for (Map.Entry<String, Node> field : fields.byKey().entrySet()) {
            if (!known.contains(field.getKey())) {
                String hint = field.getKey().equals("off")
                        ? " (to kill, set on: false; the configured default version serves then)"
                        : Suggestion.didYouMean(field.getKey(), known);
                throw new FlagFileException(
                        field.getValue().place(),
                        "unknown key '" + field.getKey() + "'; known are " + String.join(", ", known) + hint);
            }
        }
    }

    private static String shown(Node node) {
        if (node instanceof Value value) {
            return value.kind() == Kind.NOTHING ? "nothing" : "'" + value.text() + "'";
        }
        return node instanceof Items ? "a list" : "an object";
    }
}
