package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.kafka.avro.SchemaFinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whether the registry answers, and has the schemas of the topics or would take them. */
record SchemasCheck(Understudy understudy) implements Check {
    @Override
    public String name() {
        return "schemas";
    }

    @Override
    public Duration limit() {
        return Duration.ofMinutes(2); // the registry's client tries again
    }

    @Override
    public List<Finding> look() {
        List<SchemaFinding> schemas = understudy.checkSchemas();
        List<Finding> findings = new ArrayList<>();
        for (SchemaFinding schema : schemas) {
            switch (schema.state()) {
                case REGISTERED -> {}
                case NEW, CHANGED -> findings.add(warning(schema.what()));
                case MISSING, INCOMPATIBLE -> findings.add(failed(schema.what()));
            }
        }
        long registered = schemas.stream()
                .filter(schema -> schema.state() == SchemaFinding.State.REGISTERED)
                .count();
        if (registered > 0) {
            findings.add(0, ok("registered as they are here: " + registered + " of " + schemas.size()));
        }
        return findings;
    }
}
