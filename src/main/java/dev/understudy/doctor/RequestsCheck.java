package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Request;
import dev.understudy.domain.RowResult;
import dev.understudy.model.ModelException;
import dev.understudy.model.onnx.OnnxModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Whether the models answer real requests: each version scores the latest ones. No feature's value is told. */
record RequestsCheck(Understudy understudy, ConcernedVersions versions, RecentRequests recent) implements Check {
    private static final int TOLD = 3;

    @Override
    public String name() {
        return "requests";
    }

    @Override
    public Duration limit() {
        return Duration.ofMinutes(3);
    }

    @Override
    public List<Finding> look() throws ModelException {
        RecentRequests.Sample sample = recent.sample();
        String topic = understudy.topics().predictionRequests().name();
        List<Finding> findings = new ArrayList<>();
        if (sample.unreadable() > 0) {
            findings.add(
                    warning(
                            sample.unreadable() + " of the latest records of " + topic
                                    + " cannot be read and become dead letters; see the schema and the wire format in docs/clients.md"));
        }
        List<Request> requests =
                sample.requests().stream().map(ConsumerRecord::value).toList();
        if (requests.isEmpty()) {
            findings.add(warning(topic + " holds no request, so that no model could be tried on real ones"));
            return findings;
        }
        List<Features> rows = requests.stream().map(Request::features).toList();
        Map<ModelVersion, String> quarantined = versions.quarantined();
        try (OnnxModelRepository models = understudy.openModels()) {
            for (ModelVersion version : versions.all()) {
                if (quarantined.containsKey(version)) {
                    findings.add(skipped(version + " is in quarantine here: see models"));
                    continue;
                }
                try {
                    findings.add(
                            finding(version, models.load(version).score(rows).results()));
                } catch (ModelException e) {
                    findings.add(skipped(version + " does not load: see models"));
                }
            }
        }
        return findings;
    }

    private Finding finding(ModelVersion version, List<RowResult> results) {
        int requests = results.size();
        Map<String, Integer> failures = new TreeMap<>();
        for (RowResult result : results) {
            if (result instanceof RowResult.Failed failed) {
                failures.merge(failed.code() + ", " + failed.message(), 1, Integer::sum);
            }
        }
        int failed = failures.values().stream().mapToInt(Integer::intValue).sum();
        if (failed == 0) {
            return ok(version + " answers all of the latest " + requests + " requests");
        }
        String what = version + " fails on " + failed + " of the latest " + requests + " requests: "
                + failures.entrySet().stream()
                        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                        .limit(TOLD)
                        .map(failure -> failure.getValue() + " x " + failure.getKey())
                        .collect(Collectors.joining("; "))
                + (failures.size() > TOLD ? "; and " + (failures.size() - TOLD) + " other causes" : "");
        return failed == requests ? failed(what) : warning(what);
    }
}
