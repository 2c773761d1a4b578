package dev.understudy.doctor;

import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.kafka.ClusterAdmin;
import dev.understudy.kafka.ClusterAdmin.Group;
import dev.understudy.kafka.StageSettings;
import java.util.ArrayList;
import java.util.List;

/** Whether the pipeline stages run somewhere, and whether they keep up. */
record StagesCheck(Understudy understudy) implements Check {
    /** More records that wait than this are worth a word. */
    private static final long MUCH = 10_000;

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
                findings.add(finding(stage.key(), admin.group(group)));
            }
        }
        return findings;
    }

    private Finding finding(String stage, Group group) {
        if (group.members() == 0) {
            return warning(
                    stage + " runs nowhere: group " + group.id() + " has no members; `understudy run` starts it");
        }
        String what = stage + ": group " + group.id() + " is " + group.state() + " with " + group.members()
                + (group.members() == 1 ? " member" : " members") + ", " + group.lag() + " records wait";
        return group.lag() > MUCH
                ? warning(what + "; start more instances, up to one a partition, or more " + stage + ".threads")
                : ok(what);
    }
}
