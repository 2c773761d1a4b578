package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.kafka.TopicFinding;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Prints what was found of the topics. */
final class TopicFindings {
    private TopicFindings() {}

    /** Returns the exit code: 0 if every topic is as it is to be. */
    static int print(List<TopicFinding> findings, Format format, PrintWriter out) {
        if (format == Format.JSON) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (TopicFinding finding : findings) {
                ObjectNode node = array.addObject()
                        .put("topic", finding.topic())
                        .put("state", finding.state().name())
                        .put("partitions", finding.partitions())
                        .put("replication", finding.replication());
                finding.differences().forEach(node.putArray("differences")::add);
            }
            out.println(array.toPrettyString());
        } else {
            Table table = new Table("topic", "state", "partitions", "replication");
            StringBuilder differences = new StringBuilder();
            for (TopicFinding finding : findings) {
                table.row(
                        finding.topic(),
                        finding.state().name().toLowerCase(Locale.ROOT),
                        Integer.toString(finding.partitions()),
                        Integer.toString(finding.replication()));
                finding.differences()
                        .forEach(difference -> differences
                                .append(finding.topic())
                                .append(": ")
                                .append(difference)
                                .append(System.lineSeparator()));
            }
            out.print(table.toString() + differences);
        }
        out.flush();
        return findings.stream().allMatch(TopicFindings::isRight) ? 0 : 1;
    }

    private static boolean isRight(TopicFinding finding) {
        return finding.state() == TopicFinding.State.OK || finding.state() == TopicFinding.State.CREATED;
    }
}
