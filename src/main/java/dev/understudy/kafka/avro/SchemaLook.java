package dev.understudy.kafka.avro;

import dev.understudy.kafka.avro.SchemaFinding.State;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/** Looks a schema up; registers nothing. */
final class SchemaLook {
    private final SchemaRegistry registry;
    private final SerdeSettings settings;

    SchemaLook(SchemaRegistry registry, SerdeSettings settings) {
        this.registry = registry;
        this.settings = settings;
    }

    /**
     * How the schema with which values of the topic are written stands.
     *
     * @throws RegistryException if the registry cannot be reached, or refuses to be asked
     */
    SchemaFinding of(String topic, Schema generated) {
        Schema schema = PlainSchema.of(generated);
        String subject = settings.subject(topic, false, schema);
        try {
            int id = registry.idOf(subject, schema);
            return new SchemaFinding(
                    subject, State.REGISTERED, subject + " has " + schema.getFullName() + ", id " + id);
        } catch (NotRegisteredException e) {
            return elsewise(subject, schema);
        }
    }

    private SchemaFinding elsewise(String subject, Schema schema) {
        SchemaRegistry.Registered latest;
        try {
            latest = registry.latest(subject);
        } catch (NotRegisteredException e) {
            return settings.autoRegister()
                    ? new SchemaFinding(
                            subject, State.NEW, subject + " is not there yet; the first record registers it")
                    : missing(subject, schema, "is not there");
        }
        if (!reads(schema, latest.schema()) || !reads(latest.schema(), schema)) {
            return new SchemaFinding(
                    subject,
                    State.INCOMPATIBLE,
                    subject + " has a schema, id " + latest.id() + ", that does not go with " + schema.getFullName()
                            + ": the topic is used by something else, or by a version of Understudy that is too far away; name"
                            + " other topics with kafka.topic-prefix");
        }
        if (settings.useLatest()) {
            return new SchemaFinding(
                    subject, State.REGISTERED, subject + " is written with its latest version, id " + latest.id());
        }
        return settings.autoRegister()
                ? new SchemaFinding(
                        subject,
                        State.CHANGED,
                        subject + " has another version, id " + latest.id()
                                + ", that goes with this one; the first record" + " registers this one")
                : missing(subject, schema, "has another version, id " + latest.id() + ", but not this one");
    }

    private static SchemaFinding missing(String subject, Schema schema, String how) {
        return new SchemaFinding(
                subject,
                State.MISSING,
                subject + " " + how + ", and registry.auto-register is false: register schemas/" + schema.getName()
                        + ".avsc under it");
    }

    private static boolean reads(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }
}
