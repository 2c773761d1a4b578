package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.kafka.TopicFinding;
import java.util.ArrayList;
import java.util.List;

/** Whether the topics are there and as they are to be. */
record TopicsCheck(Understudy understudy) implements Check {
    @Override
    public String name() {
        return "topics";
    }

    @Override
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        List<TopicFinding> topics = understudy.checkTopics();
        for (TopicFinding topic : topics) {
            topic.differences().forEach(difference -> findings.add(failed(topic.topic() + " " + difference)));
        }
        return findings.isEmpty() ? List.of(ok("all " + topics.size() + " are as they are to be")) : findings;
    }
}
