package dev.understudy.kafka.avro;

import org.apache.avro.Schema;

/**
 * Steps over a record by its writer's schema before Avro reads it. It costs one pass without allocation, and with it
 * truncated or garbled bytes are found with the field's name and position, and no announced length is believed that
 * the bytes cannot hold.
 */
final class BytesCheck {
    /** Deeper nesting than that is not data but an attack on the stack. */
    private static final int DEEPEST = 100;

    private BytesCheck() {}

    /**
     * Checks the bytes from there to their end.
     *
     * @throws UnreadableRecordException if they are not one record of that schema
     */
    static void check(Schema writer, byte[] data, int start) {
        AvroCursor in = new AvroCursor(data, start, data.length);
        skip(writer, in, writer.getName(), 0);
        in.end();
    }

    private static void skip(Schema schema, AvroCursor in, String field, int depth) {
        if (depth > DEEPEST) {
            throw new UnreadableRecordException(field + " is nested more than " + DEEPEST + " levels deep");
        }
        switch (schema.getType()) {
            case RECORD -> {
                for (Schema.Field child : schema.getFields()) {
                    skip(child.schema(), in, child.name(), depth + 1);
                }
            }
            case ARRAY -> {
                Schema items = schema.getElementType();
                for (int count = in.beginBlock(1, field); count > 0; count = in.beginBlock(1, field)) {
                    int blockEnd = in.blockEnd();
                    for (int i = 0; i < count; i++) {
                        skip(items, in, field, depth + 1);
                    }
                    in.endBlock(blockEnd, field);
                }
            }
            case MAP -> {
                Schema values = schema.getValueType();
                for (int count = in.beginBlock(1, field); count > 0; count = in.beginBlock(1, field)) {
                    int blockEnd = in.blockEnd();
                    for (int i = 0; i < count; i++) {
                        in.skip(in.readLength(field), field);
                        skip(values, in, field, depth + 1);
                    }
                    in.endBlock(blockEnd, field);
                }
            }
            case UNION ->
                skip(schema.getTypes().get(in.readBranch(schema.getTypes().size(), field)), in, field, depth + 1);
            case ENUM -> in.readSymbol(schema.getEnumSymbols().size(), field);
            case FIXED -> in.skip(schema.getFixedSize(), field);
            case STRING, BYTES -> in.skip(in.readLength(field), field);
            case INT -> in.readInt(field);
            case LONG -> in.readLong(field);
            case FLOAT -> in.skip(Float.BYTES, field);
            case DOUBLE -> in.skip(Double.BYTES, field);
            case BOOLEAN -> in.readBoolean(field);
            case NULL -> {
                // takes no bytes
            }
        }
    }
}
