package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.evaluate.InputTopic;
import dev.understudy.evaluate.PublishedSummary;
import dev.understudy.evaluate.SummaryVerifier;
import dev.understudy.evaluate.Verified;
import dev.understudy.evaluate.Verified.Difference;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        description = {
            "Compute published decisions again from the topics, and compare them byte for byte.",
            "Reads what the decision's provenance says was read of comparisons, predictions and outcomes, and runs the"
                    + " evaluation over it. Nothing is written or committed."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy readiness verify -c understudy.yaml",
            "  understudy readiness verify --candidate v2 --segment all --at 2026-11-22T16:00:00Z",
            "  understudy readiness verify --format json | jq -r '.[] | .segment + \" \" + .result'",
            "",
            "Needs the configuration, the version of Understudy and the records that the decision was made with; says which of"
                    + " them is gone or another one here, and what would be right. Where retention deleted records from before"
                    + " the stage, the counts that go back further are left out and named: outcomes, and what provenance says was"
                    + " dropped. rollout-readiness is compacted, so that of the past only some decisions are left.",
            "Exits with 0 when every decision that was asked for came out the same; with 1 when one did not, or is not there."
        })
final class ReadinessVerifyCommand implements Callable<Integer> {
    private static final int DIFFERENCES_SHOWN = 10;
    private static final int LONGEST_SHOWN = 70;
    private static final String LATEST = "latest";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private DecisionOptions decisions;

    @Option(
            names = "--at",
            defaultValue = LATEST,
            paramLabel = "TIME",
            description =
                    "The decisions that were the latest at this time, e.g. 2026-11-22T16:00:00Z (default: ${DEFAULT-VALUE}).")
    private String at;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        new OptionValues(spec).requireOwnOptions();
        Instant time = time();
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load())) {
            SummaryVerifier verifier = understudy.verifier();
            List<PublishedSummary> asked = verifier.published(time).stream()
                    .filter(published -> decisions.want(published.summary()))
                    .toList();
            if (asked.isEmpty()) {
                spec.commandLine()
                        .getErr()
                        .println("rollout-readiness has no decision on what was asked for"
                                + (at.equals(LATEST) ? "" : " from " + at + " or before"));
                return 1;
            }
            List<Verified> verified = verifier.verify(asked);
            if (format == Format.JSON) {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                verified.forEach(one -> array.add(json(one)));
                out.println(array.toPrettyString());
            } else {
                verified.forEach(one -> print(one, out));
                out.println(
                        "Taken as published, since no topic says it: when it was decided, when a comparison was last heard"
                                + " of, how old what was read was, how many candidates were in force, and by what else it was counted.");
            }
            out.flush();
            return verified.stream().allMatch(Verified::isReproduced) ? 0 : 1;
        }
    }

    private Instant time() {
        if (at.equals(LATEST)) {
            return Instant.now();
        }
        try {
            return Instant.parse(at);
        } catch (DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(), "--at must be a time as 2026-11-22T16:00:00Z or latest, was " + at, e);
        }
    }

    private static void print(Verified verified, PrintWriter out) {
        ReadinessSummary summary = verified.summary();
        out.println(summary.getCandidateVersion() + " (against " + summary.getProductionVersion() + "), "
                + summary.getSegment() + ", of " + summary.getEvaluatedAt() + ": " + sentence(verified));
        verified.gone().forEach(gone -> out.println("  " + gone));
        verified.doubts().forEach(doubt -> out.println("  doubtful: " + doubt));
        verified.differences().stream()
                .limit(DIFFERENCES_SHOWN)
                .forEach(difference -> out.println("  " + difference.field() + ": published "
                        + shown(difference.published()) + ", computed again " + shown(difference.recomputed())));
        int more = verified.differences().size() - DIFFERENCES_SHOWN;
        if (more > 0) {
            out.println("  and " + more + " more fields; --format json has them all");
        }
    }

    /** The explanation is a page. */
    private static String shown(String value) {
        return value.length() <= LONGEST_SHOWN ? value : value.substring(0, LONGEST_SHOWN) + "...";
    }

    private static String sentence(Verified verified) {
        return switch (verified.result()) {
            case REPRODUCED ->
                "reproduced, " + Numbers.whole(verified.bytes()) + " bytes equal, from " + records(verified);
            case REPRODUCED_IN_STAGE ->
                "reproduced from " + records(verified) + ", but for what counts records from before the stage, which"
                        + " are gone";
            case COUNTED_OTHERWISE ->
                "not verified, it was counted in part by another version or with other settings, and comes out otherwise"
                        + " from " + records(verified);
            case INPUT_GONE -> "not verified, something is gone or another one here";
            case DIFFERS -> "NOT reproduced from " + records(verified) + ", all of which are there";
        };
    }

    private static String records(Verified verified) {
        StringBuilder text = new StringBuilder();
        for (InputTopic topic : InputTopic.values()) {
            text.append(text.isEmpty() ? "" : topic == InputTopic.OUTCOMES ? " and " : ", ")
                    .append(Numbers.whole(verified.records().getOrDefault(topic, 0L)))
                    .append(' ')
                    .append(topic.text());
        }
        return text.toString();
    }

    private static ObjectNode json(Verified verified) {
        ReadinessSummary summary = verified.summary();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("model", summary.getModel())
                .put("productionVersion", summary.getProductionVersion())
                .put("candidateVersion", summary.getCandidateVersion())
                .put("segment", summary.getSegment())
                .put("result", verified.result().name())
                .put("bytes", verified.bytes());
        ObjectNode records = json.putObject("records");
        verified.records().forEach((topic, number) -> records.put(topic.text(), number));
        verified.gone().forEach(json.putArray("gone")::add);
        verified.doubts().forEach(json.putArray("doubts")::add);
        ObjectNode taken = json.putObject("takenAsPublished")
                .put("evaluatedAt", summary.getEvaluatedAt().toString())
                .put("candidates", summary.getStage().getCandidates());
        summary.getProvenance().getHeardAt().ifPresent(heard -> taken.put("heardAt", heard.toString()));
        summary.getProvenance().getLagMillis().ifPresent(lag -> taken.put("lagMillis", lag));
        ArrayNode differences = json.putArray("differences");
        for (Difference difference : verified.differences()) {
            differences
                    .addObject()
                    .put("field", difference.field())
                    .put("published", difference.published())
                    .put("recomputed", difference.recomputed());
        }
        return json;
    }
}
