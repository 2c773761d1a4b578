package dev.understudy.score;

import dev.understudy.kafka.avro.RegistryUnavailableException;
import dev.understudy.kafka.avro.SchemaRegistry;
import org.apache.avro.Schema;

/** A registry that does not answer. */
final class DownRegistry implements SchemaRegistry {
    @Override
    public int register(String subject, Schema schema) {
        throw down();
    }

    @Override
    public int idOf(String subject, Schema schema) {
        throw down();
    }

    @Override
    public Registered latest(String subject) {
        throw down();
    }

    @Override
    public Schema byId(int id) {
        throw down();
    }

    @Override
    public void close() {}

    private static RegistryUnavailableException down() {
        return new RegistryUnavailableException("the registry does not answer");
    }
}
