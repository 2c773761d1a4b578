package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.junit.jupiter.api.Test;

final class GoldenTopologyTest {
    @Test
    void renamed_store_and_repartition_topic_are_named_as_what_would_be_orphaned() {
        assertThat(GoldenTopology.complaint("count", counting("per-user", "totals"), counting("per-card", "sums")))
                .contains("would not find per-user-repartition, totals again");
    }

    @Test
    void change_that_keeps_the_names_says_so() {
        String renamedOperator = counting("per-user", "totals").replace("by-user", "by-account");

        assertThat(GoldenTopology.complaint("count", counting("per-user", "totals"), renamedOperator))
                .contains("All state and internal topics keep their names");
    }

    @Test
    void topology_that_nobody_recorded_fails() {
        assertThatThrownBy(() -> GoldenTopology.assertUnchanged("nobody", new Topology()))
                .isInstanceOf(AssertionError.class);
    }

    private static String counting(String grouping, String store) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("input", Consumed.with(Serdes.String(), Serdes.String()).withName("input-source"))
                .selectKey((key, value) -> value, Named.as("by-user"))
                .groupByKey(Grouped.with(grouping, Serdes.String(), Serdes.String()))
                .count(Named.as("count"), Materialized.as(store));
        return builder.build().describe().toString();
    }
}
