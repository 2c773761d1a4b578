package dev.understudy.kafka;

import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;

/** The clients that Kafka Streams makes for a stage. */
public final class StageClients {
    private StageClients() {}

    /**
     * These settings, looked through as the start of the stage would; nobody is contacted. What is wrong only beside another
     * value is found here, such as {@code acks} where records are written exactly once.
     *
     * @throws IllegalArgumentException if one of them would refuse a setting; the message names it
     */
    public static StageSettings checked(KafkaConnection connection, StageSettings settings) {
        try {
            StreamsConfig streams = new StreamsConfig(StageRunner.streamsSettings(connection, settings));
            String client = settings.applicationId();
            consumer(streams.getMainConsumerConfigs(settings.applicationId(), client, 0));
            consumer(streams.getRestoreConsumerConfigs(client));
            Map<String, Object> producer = streams.getProducerConfigs(client);
            producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
            producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
            var unusedProducer = new ProducerConfig(producer);
            var unusedAdmin = new AdminClientConfig(streams.getAdminConfigs(client));
            return settings;
        } catch (ConfigException | IllegalArgumentException e) {
            throw connection.properties().refusal("stage " + settings.stage(), e);
        }
    }

    private static void consumer(Map<String, Object> settings) {
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        var unused = new ConsumerConfig(settings);
    }
}
