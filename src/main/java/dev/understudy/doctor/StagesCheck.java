package dev.understudy.doctor;

import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.kafka.ClusterAdmin;
import dev.understudy.kafka.ClusterAdmin.Group;
import dev.understudy.kafka.StageSettings;
import dev.understudy.kafka.Topics;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.GroupState;

/**
 * Whether the pipeline stages run somewhere, and whether they keep up.
 *
 * @param mustRun whether one that runs nowhere has failed
 */
record StagesCheck(Understudy understudy, boolean mustRun) implements Check {
    /** More records that wait than this are worth a word. */
    private static final long MUCH = 10_000;

    private static final String STABLE = GroupState.STABLE.toString();

    @Override
    public String name() {
        return "stages";
    }

    @Override
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        try (ClusterAdmin admin = understudy.cluster()) {
            for (StageName stage : StageName.values()) {
                String group =
                        StageSettings.applicationId(understudy.config().kafka().applicationPrefix(), stage.key());
                findings.add(finding(stage.key(), admin.group(group, inputs(stage))));
            }
        }
        return findings;
    }

    private List<String> inputs(StageName stage) {
        Topics topics = understudy.topics();
        return switch (stage) {
            case SCORE -> List.of(topics.predictionRequests().name());
            case SHADOW -> List.of(topics.shadowRequests().name());
            case EVALUATE ->
                understudy.config().outcomes().join()
                        ? List.of(
                                topics.comparisons().name(),
                                topics.predictions().name(),
                                topics.outcomes().name())
                        : List.of(
                                topics.comparisons().name(),
                                topics.predictions().name());
        };
    }

    private Finding finding(String stage, Group group) {
        if (group.members() == 0) {
            String what = stage + " runs nowhere: group " + group.id() + " has no members, and " + group.lag()
                    + " records wait; `understudy run` starts it";
            return mustRun ? failed(what) : warning(what);
        }
        String what = stage + ": group " + group.id() + " is " + group.state() + " with " + group.members()
                + (group.members() == 1 ? " member" : " members") + ", " + group.lag() + " records wait";
        if (!group.state().equals(STABLE)) {
            return warning(what + "; it shares its partitions out again: look at the stage's log if that goes on");
        }
        return group.lag() > MUCH
                ? warning(what + "; start more instances, up to one a partition, or more " + stage + ".threads")
                : ok(what);
    }
}
