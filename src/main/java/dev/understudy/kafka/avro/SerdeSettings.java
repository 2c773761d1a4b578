package dev.understudy.kafka.avro;

import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;

/**
 * How a serializer finds its schema's number, and a deserializer its class.
 *
 * @param autoRegister register schemas that the registry does not know ({@code auto.register.schemas})
 * @param useLatest write with the number of the subject's latest version ({@code use.latest.version}); only if its
 *     layout is that of the record
 * @param specificReader read into generated classes ({@code specific.avro.reader})
 */
record SerdeSettings(
        boolean autoRegister,
        boolean useLatest,
        boolean specificReader,
        SubjectNaming keySubjects,
        SubjectNaming valueSubjects) {

    static SerdeSettings defaults() {
        return new SerdeSettings(true, false, true, SubjectNaming.TOPIC_NAME, SubjectNaming.TOPIC_NAME);
    }

    /** Settings by Confluent's keys and with its defaults. */
    static SerdeSettings parse(Map<String, ?> configuration) {
        SettingsReader read = new SettingsReader(configuration);
        boolean useLatest = read.flag("use.latest.version", false);
        boolean autoRegister = read.flag("auto.register.schemas", !useLatest);
        if (useLatest && autoRegister) {
            throw new ConfigException(
                    "use.latest.version",
                    "true",
                    "needs auto.register.schemas=false: only one of them can give the id");
        }
        return new SerdeSettings(
                autoRegister,
                useLatest,
                read.flag("specific.avro.reader", false),
                naming(read, "key.subject.name.strategy"),
                naming(read, "value.subject.name.strategy"));
    }

    private static SubjectNaming naming(SettingsReader read, String key) {
        return SubjectNaming.parse(key, read.text(key, "TopicNameStrategy"));
    }

    String subject(String topic, boolean key, Schema schema) {
        return (key ? keySubjects : valueSubjects).subject(topic, key, schema);
    }
}
