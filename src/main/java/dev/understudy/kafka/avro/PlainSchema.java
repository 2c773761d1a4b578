package dev.understudy.kafka.avro;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/** Schemas as people write them: without what the code generator adds for Java. */
final class PlainSchema {
    private static final String JAVA_STRING = "avro.java.string";

    private PlainSchema() {}

    /** The schema without {@code avro.java.string}, so that the registry finds it where the plain file was registered. */
    static Schema of(Schema schema) {
        ObjectMapper json = new ObjectMapper();
        try {
            JsonNode tree = json.readTree(schema.toString());
            if (tree.findValue(JAVA_STRING) == null) {
                return schema;
            }
            strip(tree);
            return parse(tree.toString());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Avro wrote a schema that is not JSON: " + schema.getFullName(), e);
        }
    }

    /** Parses a schema that others wrote, whose defaults need not be valid. */
    static Schema parse(String json) {
        return new Schema.Parser(NameValidator.NO_VALIDATION)
                .setValidateDefaults(false)
                .parse(json);
    }

    /** Whether records of both have the same bytes. */
    static boolean sameLayout(Schema one, Schema other) {
        return SchemaNormalization.toParsingForm(one).equals(SchemaNormalization.toParsingForm(other));
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(JAVA_STRING);
        }
        node.forEach(PlainSchema::strip);
    }
}
