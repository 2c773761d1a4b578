package dev.understudy.kafka.avro;

import dev.understudy.domain.FeatureVisitor;
import dev.understudy.domain.Features;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The maps, arrays and optional values of the hot records, in Avro binary. */
final class AvroValues {
    private AvroValues() {}

    static double[] readDoubles(AvroCursor in, String field) {
        double[] values = new double[0];
        for (int count = in.beginBlock(Double.BYTES, field); count > 0; count = in.beginBlock(Double.BYTES, field)) {
            int blockEnd = in.blockEnd();
            int length = values.length;
            values = length == 0 ? new double[count] : Arrays.copyOf(values, length + count);
            for (int i = 0; i < count; i++) {
                values[length + i] = in.readDouble(field);
            }
            in.endBlock(blockEnd, field);
        }
        return values;
    }

    static List<Double> readDoubleList(AvroCursor in, String field) {
        return Arrays.stream(readDoubles(in, field)).boxed().toList();
    }

    static void writeDoubles(AvroBuffer out, double[] values) {
        if (values.length > 0) {
            out.writeLong(values.length);
            for (double value : values) {
                out.writeDouble(value);
            }
        }
        out.writeLong(0);
    }

    static Map<String, String> readTexts(AvroCursor in, NameCache names, String field) {
        int count = in.beginBlock(2, field);
        if (count == 0) {
            return Map.of();
        }
        Map<String, String> values = new LinkedHashMap<>();
        int place = 0;
        for (; count > 0; count = in.beginBlock(2, field)) {
            int blockEnd = in.blockEnd();
            for (int i = 0; i < count; i++) {
                String name = names.read(in, place++, field);
                values.put(name, in.readString(field));
            }
            in.endBlock(blockEnd, field);
        }
        return values;
    }

    static void writeTexts(AvroBuffer out, Map<String, String> values) {
        if (!values.isEmpty()) {
            out.writeLong(values.size());
            values.forEach((name, value) -> {
                out.writeString(name);
                out.writeString(value);
            });
        }
        out.writeLong(0);
    }

    static Map<String, Double> readNumbers(AvroCursor in, NameCache names, String field) {
        Map<String, Double> values = new LinkedHashMap<>();
        int place = 0;
        for (int count = in.beginBlock(9, field); count > 0; count = in.beginBlock(9, field)) {
            int blockEnd = in.blockEnd();
            for (int i = 0; i < count; i++) {
                String name = names.read(in, place++, field);
                values.put(name, in.readDouble(field));
            }
            in.endBlock(blockEnd, field);
        }
        return values;
    }

    static void writeNumbers(AvroBuffer out, Map<String, Double> values) {
        if (!values.isEmpty()) {
            out.writeLong(values.size());
            values.forEach((name, value) -> {
                out.writeString(name);
                out.writeDouble(value);
            });
        }
        out.writeLong(0);
    }

    static @Nullable Double readOptionalDouble(AvroCursor in, String field) {
        return in.readBranch(2, field) == 0 ? null : (Double) in.readDouble(field);
    }

    static @Nullable String readOptionalString(AvroCursor in, String field) {
        return in.readBranch(2, field) == 0 ? null : in.readString(field);
    }

    static void writeOptionalString(AvroBuffer out, @Nullable String value) {
        out.writeBranch(value);
        if (value != null) {
            out.writeString(value);
        }
    }

    /** A generated enumeration, whose constants stand in the order of the schema. */
    @SuppressWarnings("EnumOrdinal")
    static void writeSymbol(AvroBuffer out, Enum<?> symbol) {
        out.writeLong(symbol.ordinal());
    }

    /** The four fields in which a version's answer stands, each with null as its first branch. */
    static void writeAnswer(
            AvroBuffer out,
            @Nullable Double score,
            @Nullable String label,
            @Nullable Map<String, Double> probabilities,
            double @Nullable [] vector) {
        out.writeBranch(score);
        if (score != null) {
            out.writeDouble(score);
        }
        writeOptionalString(out, label);
        out.writeBranch(probabilities);
        if (probabilities != null) {
            writeNumbers(out, probabilities);
        }
        out.writeBranch(vector);
        if (vector != null) {
            writeDoubles(out, vector);
        }
    }

    static double @Nullable [] array(@Nullable List<Double> values) {
        return values == null
                ? null
                : values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Encoded features are copied as bytes, any others are encoded in the order in which they show themselves. */
    static void writeFeatures(AvroBuffer out, Features features) {
        if (features instanceof EncodedFeatures encoded) {
            encoded.copyTo(out);
            return;
        }
        FeatureWriter entries = new FeatureWriter();
        features.forEach(entries);
        if (entries.count > 0) {
            out.writeLong(entries.count);
            out.writeRaw(entries.out);
        }
        out.writeLong(0);
    }

    private static final class FeatureWriter implements FeatureVisitor {
        private final AvroBuffer out = new AvroBuffer();
        private long count;

        private void entry(String name, int branch) {
            count++;
            out.writeString(name);
            out.writeLong(branch);
        }

        @Override
        public void missing(String name) {
            entry(name, 0);
        }

        @Override
        public void number(String name, double value) {
            entry(name, 1);
            out.writeDouble(value);
        }

        @Override
        public void integer(String name, long value) {
            entry(name, 2);
            out.writeLong(value);
        }

        @Override
        public void bool(String name, boolean value) {
            entry(name, 3);
            out.writeBoolean(value);
        }

        @Override
        public void text(String name, String value) {
            entry(name, 4);
            out.writeString(value);
        }

        @Override
        public void vector(String name, double[] value) {
            entry(name, 5);
            writeDoubles(out, value);
        }
    }
}
