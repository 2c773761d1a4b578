package dev.understudy.kafka.avro;

import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;

/** Under which subject a schema stands in the registry: Confluent's three strategies. */
enum SubjectNaming {
    TOPIC_NAME("TopicNameStrategy") {
        @Override
        String subject(String topic, boolean key, Schema schema) {
            return topic + (key ? "-key" : "-value");
        }
    },
    RECORD_NAME("RecordNameStrategy") {
        @Override
        String subject(String topic, boolean key, Schema schema) {
            return schema.getFullName();
        }
    },
    TOPIC_RECORD_NAME("TopicRecordNameStrategy") {
        @Override
        String subject(String topic, boolean key, Schema schema) {
            return topic + "-" + schema.getFullName();
        }
    };

    private final String className;

    SubjectNaming(String className) {
        this.className = className;
    }

    abstract String subject(String topic, boolean key, Schema schema);

    /** The strategy of that class name, with or without Confluent's package. */
    static SubjectNaming parse(String key, String className) {
        String simple = className.substring(className.lastIndexOf('.') + 1);
        for (SubjectNaming naming : values()) {
            if (naming.className.equals(simple)) {
                return naming;
            }
        }
        throw new ConfigException(
                key, className, "must be TopicNameStrategy, RecordNameStrategy or TopicRecordNameStrategy");
    }
}
