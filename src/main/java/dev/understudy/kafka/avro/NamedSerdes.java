package dev.understudy.kafka.avro;

import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Serializers and deserializers of others that the configuration names by class. They are given the configuration as it
 * is, with {@code specific.avro.reader=true}, since the pipeline works on generated classes.
 *
 * @param serializer class name; null for our own
 * @param deserializer class name; null for our own
 */
record NamedSerdes(@Nullable String serializer, @Nullable String deserializer, Map<String, Object> configuration) {
    private static final String SERIALIZER = "value.serializer";
    private static final String DESERIALIZER = "value.deserializer";

    static NamedSerdes none() {
        return new NamedSerdes(null, null, Map.of());
    }

    static NamedSerdes parse(Map<String, ?> configuration) {
        Map<String, Object> passedOn = new HashMap<>(configuration);
        passedOn.put("specific.avro.reader", true);
        NamedSerdes named = new NamedSerdes(
                other(configuration, SERIALIZER, AvroSerializer.class),
                other(configuration, DESERIALIZER, AvroDeserializer.class),
                passedOn);
        // A wrong name is found at the start, not with the first record.
        if (named.serializer != null) {
            created(Serializer.class, SERIALIZER, named.serializer).close();
        }
        if (named.deserializer != null) {
            created(Deserializer.class, DESERIALIZER, named.deserializer).close();
        }
        return named;
    }

    <T> Optional<Serializer<T>> serializer(Class<T> type) {
        if (serializer == null) {
            return Optional.empty();
        }
        @SuppressWarnings("unchecked") // Serializers of Avro records take Object.
        Serializer<T> created = (Serializer<T>) created(Serializer.class, SERIALIZER, serializer);
        created.configure(configuration, false);
        return Optional.of(created);
    }

    <T> Optional<Deserializer<T>> deserializer(Class<T> type) {
        if (deserializer == null) {
            return Optional.empty();
        }
        Deserializer<?> created = created(Deserializer.class, DESERIALIZER, deserializer);
        created.configure(configuration, false);
        return Optional.of(new Checked<>(created, type));
    }

    private static @Nullable String other(Map<String, ?> configuration, String key, Class<?> own) {
        Object value = configuration.get(key);
        if (value == null) {
            return null;
        }
        String name = value instanceof Class<?> type ? type.getName() : value.toString();
        return name.equals(own.getName()) ? null : name;
    }

    private static <S> S created(Class<S> kind, String key, String name) {
        try {
            return Class.forName(name).asSubclass(kind).getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw new ConfigException(
                    key,
                    name,
                    "must be a class on the class path; Confluent's are there after a build with the Maven profile"
                            + " 'confluent'");
        } catch (ClassCastException | NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            throw new ConfigException(
                    key, name, "must be a public " + kind.getSimpleName() + " with a constructor without arguments");
        } catch (InvocationTargetException e) {
            throw new ConfigException(key, name, "cannot be created: " + e.getCause());
        }
    }

    /** Gives only what it promises, so that a wrong kind of record is found here and not by a failing cast elsewhere. */
    private record Checked<T>(Deserializer<?> deserializer, Class<T> type) implements Deserializer<T> {
        @Override
        public @Nullable T deserialize(String topic, byte @Nullable [] data) {
            return checked(topic, deserializer.deserialize(topic, data));
        }

        @Override
        public @Nullable T deserialize(String topic, @Nullable Headers headers, byte @Nullable [] data) {
            return checked(topic, deserializer.deserialize(topic, headers, data));
        }

        @Override
        public void close() {
            deserializer.close();
        }

        private @Nullable T checked(String topic, @Nullable Object value) {
            if (value != null && !type.isInstance(value)) {
                throw new UnreadableRecordException("value of topic " + topic + " was read as a "
                        + value.getClass().getName() + ", expected a " + type.getName());
            }
            return type.cast(value);
        }
    }
}
