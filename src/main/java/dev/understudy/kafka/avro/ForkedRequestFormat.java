package dev.understudy.kafka.avro;

import dev.understudy.avro.ShadowRequest;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Origin;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/** {@code ShadowRequest.avsc}: the request's features are copied as bytes. */
final class ForkedRequestFormat implements RecordFormat<ForkedRequest> {
    private final RequestFormat requests = new RequestFormat();
    private final NameCache classNames = new NameCache();
    private final TextCache<String> texts = TextCache.ofTexts();
    private final TextCache<ModelVersion> versions = new TextCache<>(ForkedRequestFormat::version);

    @Override
    public Schema schema() {
        return ShadowRequest.getClassSchema();
    }

    @Override
    public ForkedRequest read(AvroCursor in) {
        Origin origin = new Origin(in.readInt("origin.partition"), in.readLong("origin.offset"));
        String model = texts.read(in, "model");
        VersionAnswer served = readAnswer(in);
        List<ForkTarget> targets = new ArrayList<>(1);
        for (int count = in.beginBlock(3, "targets"); count > 0; count = in.beginBlock(3, "targets")) {
            int blockEnd = in.blockEnd();
            for (int i = 0; i < count; i++) {
                targets.add(new ForkTarget(
                        versions.read(in, "targets.productionVersion"),
                        versions.read(in, "targets.candidateVersion"),
                        in.readLong("targets.epoch")));
            }
            in.endBlock(blockEnd, "targets");
        }
        long forkedAtMillis = in.readLong("forkedAt");
        return new ForkedRequest(origin, model, served, targets, forkedAtMillis, requests.read(in));
    }

    @Override
    public void write(AvroBuffer out, ForkedRequest forked) {
        out.writeLong(forked.origin().partition());
        out.writeLong(forked.origin().offset());
        out.writeString(forked.model());
        writeAnswer(out, forked.served());
        if (!forked.targets().isEmpty()) {
            out.writeLong(forked.targets().size());
            for (ForkTarget target : forked.targets()) {
                out.writeString(target.production().name());
                out.writeString(target.candidate().name());
                out.writeLong(target.epoch());
            }
        }
        out.writeLong(0);
        out.writeLong(forked.forkedAtMillis());
        requests.write(out, forked.request());
    }

    private VersionAnswer readAnswer(AvroCursor in) {
        ModelVersion version = versions.read(in, "served.modelVersion");
        Double score = in.readBranch(2, "served.score") == 0 ? null : in.readDouble("served.score");
        String label = texts.readOptional(in, "served.label");
        Map<String, Double> probabilities = in.readBranch(2, "served.probabilities") == 0
                ? Map.of()
                : AvroValues.readNumbers(in, classNames, "served.probabilities");
        double[] vector = in.readBranch(2, "served.vector") == 0 ? null : AvroValues.readDoubles(in, "served.vector");
        String errorCode = AvroValues.readOptionalString(in, "served.errorCode");
        String errorMessage = AvroValues.readOptionalString(in, "served.errorMessage");
        long batchNanos = in.readLong("served.batchNanos");
        int batchRows = in.readInt("served.batchRows");
        RowResult result = errorCode == null
                ? new RowResult.Scored(score, label, probabilities, vector)
                : new RowResult.Failed(errorCode, errorMessage == null ? "" : errorMessage);
        return new VersionAnswer(version, result, batchNanos, batchRows);
    }

    private static void writeAnswer(AvroBuffer out, VersionAnswer answer) {
        out.writeString(answer.version().name());
        RowResult result = answer.result();
        if (result instanceof RowResult.Scored scored) {
            writeScored(out, scored);
            AvroValues.writeOptionalString(out, null);
            AvroValues.writeOptionalString(out, null);
        } else if (result instanceof RowResult.Failed failed) {
            writeScored(out, new RowResult.Scored(null, null, Map.of(), null));
            AvroValues.writeOptionalString(out, failed.code());
            AvroValues.writeOptionalString(out, failed.message());
        }
        out.writeLong(answer.batchNanos());
        out.writeLong(answer.batchRows());
    }

    private static void writeScored(AvroBuffer out, RowResult.Scored scored) {
        Map<String, Double> probabilities = ModelResults.probabilities(scored);
        AvroValues.writeAnswer(
                out, scored.score(), scored.label(), probabilities.isEmpty() ? null : probabilities, scored.vector());
    }

    private static ModelVersion version(String name, String field) {
        return ModelVersion.parse(name)
                .orElseThrow(() -> new UnreadableRecordException(
                        field + " must be the name of a model version, " + ModelVersion.RULE + ", was '" + name + "'"));
    }
}
