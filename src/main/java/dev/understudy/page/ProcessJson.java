package dev.understudy.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.kafka.StageHealth;
import dev.understudy.report.ProcessState;
import java.util.TreeMap;

/** How a process is, as the page gets it. */
final class ProcessJson {
    private ProcessJson() {}

    static ObjectNode of(ProcessState now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode stages = json.putArray("stages");
        for (StageHealth stage : now.stages()) {
            ObjectNode one = stages.addObject()
                    .put("stage", stage.stage())
                    .put("state", stage.state())
                    .put("failure", stage.failure().orElse(null))
                    .put("deadLetters", stage.deadLetters());
            stage.restoring().ifPresentOrElse(left -> one.put("restoring", left), () -> one.putNull("restoring"));
            stage.lag().ifPresentOrElse(lag -> one.put("lag", lag), () -> one.putNull("lag"));
        }
        now.flags()
                .ifPresentOrElse(
                        flags -> json.putObject("flags")
                                .put("source", flags.source())
                                .put(
                                        "staleSince",
                                        flags.staleSince().map(Object::toString).orElse(null))
                                .put("problem", flags.problem().orElse(null)),
                        () -> json.putNull("flags"));
        ObjectNode problems = json.putObject("predictionProblems");
        new TreeMap<>(now.predictionProblems()).forEach((cause, requests) -> {
            if (requests > 0) {
                problems.put(cause, requests);
            }
        });
        ArrayNode models = json.putArray("models");
        now.models()
                .forEach(model -> models.addObject()
                        .put("version", model.version().name())
                        .put("state", model.loading().name())
                        .put("problem", model.problem().orElse(null)));
        now.shadow()
                .ifPresentOrElse(
                        shadow -> json.putObject("shadow")
                                .put("running", shadow.running())
                                .put("restarts", shadow.restarts())
                                .put("lastEnd", shadow.lastEnd().orElse(null)),
                        () -> json.putNull("shadow"));
        ArrayNode quarantine = json.putArray("quarantine");
        now.quarantine()
                .forEach(version -> quarantine
                        .addObject()
                        .put("version", version.version().name())
                        .put("until", version.until().toString())
                        .put("times", version.times())
                        .put("reason", version.reason()));
        return json.put("quarantineProblem", now.quarantineProblem().orElse(null));
    }
}
