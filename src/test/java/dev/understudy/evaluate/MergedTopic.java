package dev.understudy.evaluate;

import dev.understudy.broker.CommittedRecords;
import dev.understudy.domain.ModelPair;
import dev.understudy.evidence.Evidence;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What EVALUATE's merge holds, from the changelog of its store. */
final class MergedTopic {
    private final List<EvidenceMessage.Snapshot> snapshots;
    private final EvaluateSettings settings;

    private MergedTopic(List<EvidenceMessage.Snapshot> snapshots, EvaluateSettings settings) {
        this.snapshots = snapshots;
        this.settings = settings;
    }

    static MergedTopic read(String bootstrapServers, String applicationId, EvaluateSettings settings) {
        Map<String, byte[]> latest = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : CommittedRecords.of(
                bootstrapServers, applicationId + "-" + EvaluateTopology.MERGED_EVIDENCE + "-changelog")) {
            String key = new String(record.key(), StandardCharsets.UTF_8);
            if (record.value() == null) {
                latest.remove(key);
            } else {
                latest.put(key, record.value());
            }
        }
        return new MergedTopic(
                latest.values().stream()
                        .map(bytes -> (EvidenceMessage.Snapshot) EvidenceMessageSerde.decode(bytes))
                        .toList(),
                settings);
    }

    /** The evidence that the snapshots add up to; the ledger is looked at apart. */
    Map<String, String> fingerprints() {
        Map<EvidenceSlot, Evidence> evidence = new HashMap<>();
        Map<EvidenceSlot, LargestDifferences> differences = new HashMap<>();
        for (EvidenceMessage.Snapshot snapshot : snapshots) {
            EvidenceSlot slot = snapshot.slot();
            if (slot.kind() == EvidenceKind.DIFFERENCES) {
                LargestDifferences part = LargestDifferences.decode(snapshot.evidence(), settings.disagreements());
                differences.merge(slot, part, (sum, more) -> {
                    sum.merge(more);
                    return sum;
                });
            } else if (slot.kind() != EvidenceKind.LEDGER) {
                evidence.merge(slot, Evidence.wrap(snapshot.evidence()), (sum, more) -> {
                    sum.merge(more);
                    return sum;
                });
            }
        }
        Map<EvidenceSlot, byte[]> merged = new HashMap<>();
        evidence.forEach((slot, sum) -> merged.put(slot, sum.bytes()));
        differences.forEach((slot, sum) -> merged.put(slot, sum.encode()));
        return OfflineEvaluation.fingerprints(merged);
    }

    Map<ModelPair, LedgerBalance> ledger() {
        Map<ModelPair, LedgerBalance> ledger = new HashMap<>();
        for (EvidenceMessage.Snapshot snapshot : snapshots) {
            EvidenceSlot slot = snapshot.slot();
            if (slot.kind() == EvidenceKind.LEDGER && slot.isCumulative()) {
                ledger.put(
                        slot.pair(),
                        LedgerCounts.plus(ledger.getOrDefault(slot.pair(), LedgerBalance.NONE), snapshot.evidence()));
            }
        }
        return ledger;
    }
}
