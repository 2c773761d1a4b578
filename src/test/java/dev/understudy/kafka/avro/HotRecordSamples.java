package dev.understudy.kafka.avro;

import dev.understudy.avro.PredictionRequest;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Origin;
import dev.understudy.domain.Request;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/** Hot records of every shape, and what Avro's own generic writer makes of them. */
final class HotRecordSamples {
    private HotRecordSamples() {}

    static Arbitrary<FeatureValue> values() {
        return Arbitraries.oneOf(
                Arbitraries.just(new FeatureValue.Missing()),
                doubles().map(FeatureValue.Real::new),
                Arbitraries.longs().map(FeatureValue.Whole::new),
                Arbitraries.of(true, false).map(FeatureValue.Bool::new),
                texts().map(FeatureValue.Text::new),
                doubles().array(double[].class).ofMaxSize(40).map(FeatureValue.Vector::new));
    }

    static Arbitrary<Map<String, FeatureValue>> features() {
        return Arbitraries.maps(texts(), values()).ofMaxSize(30);
    }

    static Arbitrary<Request> requests() {
        return Combinators.combine(
                        texts(),
                        texts(),
                        Arbitraries.maps(texts(), texts()).ofMaxSize(5),
                        Arbitraries.longs(),
                        features())
                .as((id, entity, attributes, created, features) ->
                        new Request(id, entity, attributes, created, new FeatureMap(features)));
    }

    static Arbitrary<ForkedRequest> forked() {
        return Combinators.combine(
                        Arbitraries.integers(),
                        Arbitraries.longs(),
                        texts(),
                        answers(),
                        targets().list().ofMaxSize(4),
                        Arbitraries.longs(),
                        requests())
                .as((partition, offset, model, served, targets, forkedAt, request) ->
                        new ForkedRequest(new Origin(partition, offset), model, served, targets, forkedAt, request));
    }

    private static Arbitrary<ForkTarget> targets() {
        return Combinators.combine(versions(), versions(), Arbitraries.longs()).as(ForkTarget::new);
    }

    private static Arbitrary<VersionAnswer> answers() {
        Arbitrary<RowResult> scored = Combinators.combine(
                        doubles().injectNull(0.2),
                        texts().injectNull(0.2),
                        probabilities(),
                        doubles().array(double[].class).ofMaxSize(5).injectNull(0.5))
                .as(RowResult.Scored::new);
        Arbitrary<RowResult> failed = Combinators.combine(texts(), texts()).as(RowResult.Failed::new);
        return Combinators.combine(
                        versions(), Arbitraries.oneOf(scored, failed), Arbitraries.longs(), Arbitraries.integers())
                .as(VersionAnswer::new);
    }

    /** As they are written: none of two classes, whose score says all. */
    private static Arbitrary<Map<String, Double>> probabilities() {
        return Arbitraries.oneOf(
                Arbitraries.just(Map.of()),
                Arbitraries.maps(texts(), doubles()).ofMinSize(3).ofMaxSize(5));
    }

    private static Arbitrary<ModelVersion> versions() {
        return Arbitraries.strings()
                .alpha()
                .numeric()
                .ofMinLength(1)
                .ofMaxLength(64)
                .map(ModelVersion::new);
    }

    /** ASCII, other scripts, and beyond the basic plane; empty and longer than one length byte can say. */
    static Arbitrary<String> texts() {
        Arbitrary<Integer> points = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(' ', '~')),
                Tuple.of(2, Arbitraries.integers().between(0xA0, 0xD7FF)),
                Tuple.of(1, Arbitraries.integers().between(0x1F300, 0x1FAFF)));
        return points.list().ofMaxSize(90).map(list -> {
            StringBuilder text = new StringBuilder();
            list.forEach(text::appendCodePoint);
            return text.toString();
        });
    }

    static Arbitrary<Double> doubles() {
        return Arbitraries.oneOf(
                Arbitraries.doubles(),
                Arbitraries.of(
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        Double.NEGATIVE_INFINITY,
                        -0.0,
                        Double.MIN_VALUE,
                        Double.MAX_VALUE));
    }

    /** One of each, small: for tests that look at every byte. */
    static Request sampleRequest() {
        Map<String, FeatureValue> features = new LinkedHashMap<>();
        features.put("age", new FeatureValue.Whole(41));
        features.put("amount", new FeatureValue.Real(12.5));
        features.put("country", new FeatureValue.Text("de"));
        features.put("vip", new FeatureValue.Bool(true));
        features.put("none", new FeatureValue.Missing());
        features.put("X", new FeatureValue.Vector(new double[] {1, 2, 3}));
        return new Request("r-1", "e-1", Map.of("region", "eu"), 1_700_000_000_000L, new FeatureMap(features));
    }

    static ForkedRequest sampleForked() {
        return new ForkedRequest(
                new Origin(2, 1000),
                "fraud",
                new VersionAnswer(
                        new ModelVersion("v1"),
                        new RowResult.Scored(0.5, "fraud", Map.of("fraud", 0.5), new double[] {1}),
                        1000,
                        8),
                List.of(new ForkTarget(new ModelVersion("v1"), new ModelVersion("v2"), 3)),
                1_700_000_000_000L,
                sampleRequest());
    }

    // ---- the same records for Avro's generic writer

    static GenericRecord generic(Request request) {
        GenericRecord record = new GenericData.Record(PlainSchema.of(PredictionRequest.getClassSchema()));
        record.put("requestId", request.requestId());
        record.put("entityId", request.entityId());
        record.put("attributes", request.attributes());
        record.put("createdAt", request.createdAtMillis());
        Map<String, Object> features = new LinkedHashMap<>();
        FeatureMap.copyOf(request.features()).values().forEach((name, value) -> features.put(name, generic(value)));
        record.put("features", features);
        return record;
    }

    static GenericRecord generic(ForkedRequest forked, Schema schema) {
        GenericRecord origin = new GenericData.Record(schema.getField("origin").schema());
        origin.put("partition", forked.origin().partition());
        origin.put("offset", forked.origin().offset());
        GenericRecord served = new GenericData.Record(schema.getField("served").schema());
        served.put("modelVersion", forked.served().version().name());
        served.put("batchNanos", forked.served().batchNanos());
        served.put("batchRows", forked.served().batchRows());
        if (forked.served().result() instanceof RowResult.Scored scored) {
            served.put("score", scored.score());
            served.put("label", scored.label());
            served.put("probabilities", scored.probabilities().isEmpty() ? null : scored.probabilities());
            double[] vector = scored.vector();
            served.put("vector", vector == null ? null : boxed(vector));
        } else if (forked.served().result() instanceof RowResult.Failed failed) {
            served.put("errorCode", failed.code());
            served.put("errorMessage", failed.message());
        }
        Schema targetSchema = schema.getField("targets").schema().getElementType();
        List<GenericRecord> targets = new ArrayList<>();
        for (ForkTarget target : forked.targets()) {
            GenericRecord record = new GenericData.Record(targetSchema);
            record.put("productionVersion", target.production().name());
            record.put("candidateVersion", target.candidate().name());
            record.put("epoch", target.epoch());
            targets.add(record);
        }
        GenericRecord record = new GenericData.Record(schema);
        record.put("origin", origin);
        record.put("model", forked.model());
        record.put("served", served);
        record.put("targets", targets);
        record.put("forkedAt", forked.forkedAtMillis());
        record.put("request", generic(forked.request()));
        return record;
    }

    private static @Nullable Object generic(FeatureValue value) {
        if (value instanceof FeatureValue.Real real) {
            return real.value();
        } else if (value instanceof FeatureValue.Whole whole) {
            return whole.value();
        } else if (value instanceof FeatureValue.Bool bool) {
            return bool.value();
        } else if (value instanceof FeatureValue.Text text) {
            return text.value();
        } else if (value instanceof FeatureValue.Vector vector) {
            return boxed(vector.value());
        }
        return null;
    }

    private static List<Double> boxed(double[] values) {
        List<Double> boxed = new ArrayList<>();
        for (double value : values) {
            boxed.add(value);
        }
        return boxed;
    }

    static byte[] written(GenericRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return written(record, bytes, EncoderFactory.get().binaryEncoder(bytes, null));
    }

    /** In small blocks with negative counts and sizes, as other writers may do. */
    static byte[] writtenInBlocks(GenericRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return written(
                record, bytes, new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(bytes, null));
    }

    private static byte[] written(GenericRecord record, ByteArrayOutputStream bytes, BinaryEncoder encoder) {
        try {
            new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
            encoder.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With the wire format's five bytes in front. */
    static byte[] framed(int id, byte[] body) {
        AvroBuffer out = new AvroBuffer();
        WireFormat.writePrefix(out, id);
        out.writeRaw(body, 0, body.length);
        return out.toByteArray();
    }
}
