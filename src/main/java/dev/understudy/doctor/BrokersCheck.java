package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.kafka.ClusterAdmin;
import java.util.List;

/** Whether the brokers answer. */
record BrokersCheck(Understudy understudy) implements Check {
    @Override
    public String name() {
        return "brokers";
    }

    @Override
    public List<Finding> look() {
        try (ClusterAdmin admin = understudy.cluster()) {
            ClusterAdmin.Cluster cluster = admin.cluster();
            String what = "cluster " + cluster.id() + " with " + cluster.brokers()
                    + (cluster.brokers() == 1 ? " broker" : " brokers") + " answers at "
                    + understudy.connection().bootstrapServers();
            return List.of(
                    cluster.hasController()
                            ? ok(what)
                            : failed(
                                    what
                                            + ", but has no controller: no topic or group can change; look at the brokers' logs"));
        }
    }
}
