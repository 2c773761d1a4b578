package dev.understudy.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.avro.Disagreement;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.VerdictReason;
import dev.understudy.avro.WindowSummary;
import dev.understudy.kafka.avro.AvroJson;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What the topics have said so far, as much of it as is shown. Bounded: the newest windows, turns and disagreements
 * of the pairs heard of last; decisions are as many as the topic has keys. Safe for several threads.
 */
public final class Board {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int MOST_PAIRS = 16;
    private static final int WINDOWS = 1440;
    private static final List<String> WINDOW_FIELDS = List.of(
            "epoch",
            "windowStart",
            "windowEnd",
            "final",
            "status",
            "compared",
            "failed",
            "timedOut",
            "quarantined",
            "shed",
            "productionErrors",
            "productionLatency",
            "candidateLatency");
    private static final List<String> DIVERGENCE_FIELDS =
            List.of("n", "meanDiff", "meanAbsDiff", "flipRate", "psi20", "meanTv");
    private static final int TURNS = 100;
    private static final int DISAGREEMENTS = 12;

    private final Decisions decisions = new Decisions();
    /** Least recently heard of first. */
    private final Map<String, PairHistory> pairs = new LinkedHashMap<>(MOST_PAIRS, 0.75f, true);

    private long version;
    private @Nullable String problem = "the topics have not been read to their end yet";
    private boolean caughtUp;
    private long leftOut;

    /** A window and when it was heard of. */
    private record Window(long version, String json) {}

    /** What happened to one pair, oldest first. */
    private static final class PairHistory {
        private final TreeMap<Instant, Window> windows = new TreeMap<>();
        private final Deque<ObjectNode> turns = new ArrayDeque<>();
        private final ThinnedSeries shares = new ThinnedSeries();
        private final Deque<Disagreement> disagreements = new ArrayDeque<>();
    }

    /** Takes a decision in; null removes it. */
    public synchronized void decision(ConsumerRecord<String, ReadinessSummary> record) {
        if (decisions.isOutdated(record)) {
            return;
        }
        version++;
        boolean isTurn = decisions.take(record);
        ReadinessSummary summary = record.value();
        if (summary == null || !Decisions.ALL.equals(summary.getSegment())) {
            return;
        }
        PairHistory history =
                history(pair(summary.getModel(), summary.getProductionVersion(), summary.getCandidateVersion()));
        if (isTurn) {
            ArrayNode reasons = JSON.arrayNode();
            summary.getReasons().stream().map(VerdictReason::getCode).forEach(reasons::add);
            ObjectNode turn = JSON.objectNode()
                    .put("at", summary.getEvaluatedAt().toString())
                    .put("epoch", summary.getStage().getEpoch())
                    .put("percent", summary.getStage().getPercent())
                    .put("verdict", summary.getVerdict().name());
            turn.set("reasons", reasons);
            add(history.turns, turn, TURNS);
        }
        summary.getExposure()
                .getServedShare()
                .ifPresent(share -> history.shares.add(
                        summary.getEvaluatedAt(),
                        JSON.objectNode()
                                .put("at", summary.getEvaluatedAt().toString())
                                .put("epoch", summary.getStage().getEpoch())
                                .put("served", share)
                                .put("declared", summary.getStage().getPercent() / 100.0)));
    }

    /** Takes a window in; a later record of the same window replaces it. */
    public synchronized void window(ConsumerRecord<String, WindowSummary> record) {
        WindowSummary window = record.value();
        if (window == null || !Decisions.ALL.equals(window.getSegment())) {
            return;
        }
        version++;
        String pair = pair(window.getModel(), window.getProductionVersion(), window.getCandidateVersion());
        PairHistory history = history(pair);
        history.windows.put(
                window.getWindowStart(), new Window(version, json(pair, window).toString()));
        if (history.windows.size() > WINDOWS) {
            history.windows.pollFirstEntry();
        }
    }

    /** Takes one of the largest differences in. */
    public synchronized void disagreement(ConsumerRecord<String, Disagreement> record) {
        Disagreement disagreement = record.value();
        if (disagreement == null || !Decisions.ALL.equals(disagreement.getSegment())) {
            return;
        }
        version++;
        Deque<Disagreement> known = history(pair(
                        disagreement.getModel(),
                        disagreement.getProductionVersion(),
                        disagreement.getCandidateVersion()))
                .disagreements;
        if (!known.contains(disagreement)) { // the topic may be read again
            add(known, disagreement, DISAGREEMENTS);
        }
    }

    /**
     * How the topics are followed.
     *
     * @param now why they cannot be at present; null when they can
     * @param unreadable records that had to be left out
     */
    public synchronized void followed(boolean isCaughtUp, @Nullable String now, long unreadable) {
        caughtUp = isCaughtUp;
        leftOut = unreadable;
        problem = now != null || isCaughtUp ? now : "the topics have not been read to their end yet";
    }

    /** Grows with every record. */
    public synchronized long version() {
        return version;
    }

    /** Everything but windows, as it counts at that time. */
    public synchronized ObjectNode state(Instant now) {
        ObjectNode state = JSON.objectNode();
        state.put("problem", problem);
        state.put("leftOut", leftOut);
        state.set("decisions", decisions.only(Board::isOverAll).jsonArray(now));
        ObjectNode byPair = state.putObject("pairs");
        pairs.forEach((pair, history) -> {
            ObjectNode json = byPair.putObject(pair);
            history.turns.forEach(json.putArray("turns")::add);
            history.shares.forEach(json.putArray("shares")::add);
            ArrayNode disagreements = json.putArray("disagreements");
            history.disagreements.descendingIterator().forEachRemaining(one -> disagreements.add(json(one)));
        });
        return state;
    }

    /** The windows that were heard of after that version, as the items of a JSON array. */
    public synchronized List<String> windowsSince(long before) {
        return pairs.values().stream()
                .flatMap(history -> history.windows.values().stream())
                .filter(window -> window.version() > before)
                .map(Window::json)
                .toList();
    }

    /** What is drawn of a window. */
    private static ObjectNode json(String pair, WindowSummary window) {
        ObjectNode all = AvroJson.of(window);
        ObjectNode json = JSON.objectNode().put("pair", pair);
        json.setAll(all.retain(WINDOW_FIELDS));
        json.set("divergence", AvroJson.of(window.getDivergence()).retain(DIVERGENCE_FIELDS));
        return json;
    }

    private static ObjectNode json(Disagreement disagreement) {
        ObjectNode json = AvroJson.of(disagreement);
        json.remove(List.of("model", "productionVersion", "candidateVersion", "segment"));
        return json;
    }

    private PairHistory history(String pair) {
        PairHistory history = pairs.get(pair);
        if (history == null) {
            if (pairs.size() == MOST_PAIRS) {
                pairs.remove(pairs.keySet().iterator().next());
            }
            history = new PairHistory();
            pairs.put(pair, history);
        }
        return history;
    }

    private static String pair(String model, String production, String candidate) {
        return model + "/" + production + "/" + candidate;
    }

    private static <T> void add(Deque<T> deque, T item, int most) {
        deque.addLast(item);
        if (deque.size() > most) {
            deque.removeFirst();
        }
    }

    private static boolean isOverAll(ReadinessSummary summary) {
        return Decisions.ALL.equals(summary.getSegment());
    }

    /** The latest decisions over all requests, best candidate first; none before the topics were read to their end once. */
    public synchronized List<ReadinessSummary> decisions(Instant now) {
        return caughtUp ? decisions.ranked(now) : List.of();
    }

    /** Whether the topics were read to their end and can be followed at present. */
    public synchronized boolean isFollowed() {
        return problem == null;
    }
}
