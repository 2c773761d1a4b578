package dev.understudy.kafka.avro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro records as JSON for people and programs: the schema's field names, in its order; values of unions without a
 * wrapper; timestamps in ISO-8601, UTC; enums as text; bytes in Base64. A number that is not finite becomes the text
 * {@code NaN}, {@code Infinity} or {@code -Infinity} when it is written, since JSON has no such numbers.
 */
public final class AvroJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private AvroJson() {}

    /** The record as a tree. */
    public static ObjectNode of(IndexedRecord record) {
        ObjectNode object = JSON.objectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            object.set(field.name(), node(field.schema(), record.get(field.pos())));
        }
        return object;
    }

    private static JsonNode node(Schema schema, @Nullable Object value) {
        if (value == null) {
            return JSON.nullNode();
        }
        return switch (schema.getType()) {
            case RECORD -> of((IndexedRecord) value);
            case UNION -> node(schema.getTypes().get(branch(schema, value)), value);
            case ARRAY -> {
                ArrayNode array = JSON.arrayNode();
                for (Object item : (Collection<?>) value) {
                    array.add(node(schema.getElementType(), item));
                }
                yield array;
            }
            case MAP -> {
                ObjectNode object = JSON.objectNode();
                ((Map<?, ?>) value)
                        .forEach((name, item) -> object.set(name.toString(), node(schema.getValueType(), item)));
                yield object;
            }
            case BOOLEAN -> JSON.booleanNode((Boolean) value);
            case INT -> JSON.numberNode(((Number) value).intValue());
            case LONG -> whole(schema, value);
            case FLOAT -> JSON.numberNode(((Number) value).floatValue());
            case DOUBLE -> JSON.numberNode(((Number) value).doubleValue());
            case BYTES -> JSON.binaryNode(bytes((ByteBuffer) value));
            case FIXED -> JSON.binaryNode(((GenericFixed) value).bytes());
            case STRING, ENUM -> JSON.textNode(value.toString());
            case NULL -> JSON.nullNode();
        };
    }

    private static JsonNode whole(Schema schema, Object value) {
        LogicalType logical = schema.getLogicalType();
        if (value instanceof Instant instant) {
            return JSON.textNode(instant.toString());
        }
        long number = (Long) value;
        return logical instanceof LogicalTypes.TimestampMillis
                ? JSON.textNode(Instant.ofEpochMilli(number).toString())
                : JSON.numberNode(number);
    }

    private static int branch(Schema union, Object value) {
        if (value instanceof Instant) {
            for (int i = 0; i < union.getTypes().size(); i++) {
                if (union.getTypes().get(i).getType() == Schema.Type.LONG) {
                    return i;
                }
            }
        }
        return GenericData.get().resolveUnion(union, value);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
