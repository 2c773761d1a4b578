package dev.understudy.kafka.avro;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Finds the number with which a serializer writes, and asks the registry once for each topic and schema. */
final class SchemaIds {
    private record Question(String topic, Schema schema) {}

    private record Answer(String topic, Schema schema, int id) {}

    private final SchemaRegistry registry;
    private final SerdeSettings settings;
    private final boolean key;
    private final Map<Question, Integer> known = new ConcurrentHashMap<>();
    /** Nearly every record has the topic and schema of the one before. */
    private volatile @Nullable Answer last;

    SchemaIds(SchemaRegistry registry, SerdeSettings settings, boolean key) {
        this.registry = registry;
        this.settings = settings;
        this.key = key;
    }

    int idOf(String topic, Schema schema) {
        Answer answer = last;
        if (answer != null && answer.schema.equals(schema) && answer.topic.equals(topic)) {
            return answer.id;
        }
        Question question = new Question(topic, schema);
        Integer id = known.get(question);
        if (id == null) {
            id = ask(topic, PlainSchema.of(schema));
            known.put(question, id);
        }
        last = new Answer(topic, schema, id);
        return id;
    }

    private int ask(String topic, Schema schema) {
        String subject = settings.subject(topic, key, schema);
        if (settings.useLatest()) {
            SchemaRegistry.Registered latest = registry.latest(subject);
            if (!PlainSchema.sameLayout(schema, latest.schema())) {
                throw new RegistryRefusedException("use.latest.version=true: the latest version of subject " + subject
                        + " (id " + latest.id() + ") has another layout than the record " + schema.getFullName()
                        + " to write, so its fields could be mixed up; set use.latest.version=false to write with the"
                        + " record's own schema");
            }
            return latest.id();
        }
        return settings.autoRegister() ? registry.register(subject, schema) : registry.idOf(subject, schema);
    }
}
