package dev.understudy.kafka.avro;

import dev.understudy.avro.PredictionRequest;
import dev.understudy.domain.Request;
import java.util.Map;
import org.apache.avro.Schema;

/** {@code PredictionRequest.avsc}: the features stay encoded. */
final class RequestFormat implements RecordFormat<Request> {
    private final NameCache featureNames = new NameCache();
    private final NameCache attributeNames = new NameCache();

    @Override
    public Schema schema() {
        return PredictionRequest.getClassSchema();
    }

    @Override
    public Request read(AvroCursor in) {
        String requestId = in.readString("requestId");
        String entityId = in.readString("entityId");
        Map<String, String> attributes = AvroValues.readTexts(in, attributeNames, "attributes");
        long createdAt = in.readLong("createdAt");
        return new Request(requestId, entityId, attributes, createdAt, EncodedFeatures.read(in, featureNames));
    }

    @Override
    public void write(AvroBuffer out, Request request) {
        out.writeString(request.requestId());
        out.writeString(request.entityId());
        AvroValues.writeTexts(out, request.attributes());
        out.writeLong(request.createdAtMillis());
        AvroValues.writeFeatures(out, request.features());
    }
}
