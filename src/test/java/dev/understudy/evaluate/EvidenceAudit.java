package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.broker.CommittedRecords;
import dev.understudy.domain.ModelPair;
import dev.understudy.evaluate.SyntheticTraffic.Placed;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Compares the evidence of a pipeline with what its topics amount to. */
public final class EvidenceAudit {
    private final String bootstrapServers;
    private final Topics topics;
    private final String applicationId;
    private final EvaluateSettings settings;

    /** @param applicationId of EVALUATE */
    public EvidenceAudit(String bootstrapServers, Topics topics, String applicationId, EvaluateSettings settings) {
        this.bootstrapServers = bootstrapServers;
        this.topics = topics;
        this.applicationId = applicationId;
        this.settings = settings;
    }

    /** What differs, for people; empty where the evidence is the same to the byte and the ledger balances. */
    public List<String> differences() {
        OfflineEvaluation expected = OfflineEvaluation.of(
                settings,
                new SyntheticTraffic.Log(
                        placed(topics.predictions(), Prediction::getEntityId),
                        placed(topics.comparisons(), Comparison::getEntityId),
                        placed(topics.outcomes(), Outcome::getEntityId)));
        MergedTopic merged = MergedTopic.read(bootstrapServers, applicationId, settings);
        List<String> differences = new ArrayList<>();
        Map<String, String> wanted = expected.fingerprints();
        Map<String, String> found = merged.fingerprints();
        TreeSet<String> slots = new TreeSet<>(wanted.keySet());
        slots.addAll(found.keySet());
        for (String slot : slots) {
            if (!found.containsKey(slot)) {
                differences.add("no evidence of " + slot);
            } else if (!wanted.containsKey(slot)) {
                differences.add("evidence of " + slot + " that the topics do not hold");
            } else if (!found.get(slot).equals(wanted.get(slot))) {
                differences.add("other evidence of " + slot);
            }
        }
        Map<ModelPair, List<Long>> due = expected.ledger();
        Map<ModelPair, LedgerBalance> ledger = merged.ledger();
        due.forEach((pair, counts) -> {
            LedgerBalance balance = ledger.getOrDefault(pair, LedgerBalance.NONE);
            if (!List.of(balance.eligible(), balance.accounted()).equals(counts) || balance.gap() != 0) {
                differences.add("ledger of " + pair.key() + " is " + balance + ", due and came " + counts);
            }
        });
        if (due.isEmpty()) {
            differences.add("no comparison was due");
        }
        return differences;
    }

    private <V> List<Placed<V>> placed(Topic<String, V> topic, Function<V, String> entityOf) {
        List<Placed<V>> placed = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : CommittedRecords.of(bootstrapServers, topic.name())) {
            V value = Optional.ofNullable(topic.valueSerde()
                            .deserializer()
                            .deserialize(topic.name(), record.headers(), record.value()))
                    .orElseThrow();
            placed.add(new Placed<>(record.partition(), record.timestamp(), entityOf.apply(value), value));
        }
        return placed;
    }
}
