package dev.understudy.bench;

import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Features;
import dev.understudy.domain.Request;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ModelSignature.ElementType;
import dev.understudy.model.ModelSignature.Input;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Requests that fit a model's signature: seeded, so that every run sends the same features in the same order. */
final class BenchRequests {
    /** Stands before a request's number in its id. */
    static final String ID_PREFIX = "request-";

    private static final int ROWS = 1_000;
    private static final int ENTITIES = 10_000;
    private static final Map<String, String> ATTRIBUTES = Map.of("region", "eu");

    /** Numbers are multiples of this part of one: the unruly models of {@link UntouchedBench} misbehave on those alone. */
    private static final int STEPS = 1024;

    private final List<Features> rows;
    private final InstantSource clock;
    private long made;

    private BenchRequests(List<Features> rows, InstantSource clock) {
        this.rows = rows;
        this.clock = clock;
    }

    /**
     * Requests for models whose inputs are numbers.
     *
     * @throws IllegalArgumentException if an input takes text
     */
    static BenchRequests of(ModelSignature signature, InstantSource clock) {
        SplittableRandom random = new SplittableRandom(20_261_126);
        List<Features> rows = new ArrayList<>(ROWS);
        for (int row = 0; row < ROWS; row++) {
            rows.add(row(signature, random));
        }
        return new BenchRequests(rows, clock);
    }

    private static Features row(ModelSignature signature, SplittableRandom random) {
        Map<String, FeatureValue> values = new LinkedHashMap<>();
        for (Input input : signature.inputs()) {
            if (input.type() == ElementType.STRING) {
                throw new IllegalArgumentException("input '" + input.name()
                        + "' takes text; bench makes up numbers only, give a model with numeric inputs");
            }
            long elements = input.shape().stream().skip(1).reduce(1L, (product, side) -> product * side);
            if (elements > 1 && input.features().size() == 1) {
                double[] vector = random.doubles(elements, -1, 1).toArray();
                values.put(input.features().get(0), new FeatureValue.Vector(vector));
            } else {
                input.features().forEach(feature -> values.put(feature, number(input.type(), random)));
            }
        }
        return new FeatureMap(values);
    }

    private static FeatureValue number(ElementType type, SplittableRandom random) {
        return switch (type) {
            case FLOAT, DOUBLE -> new FeatureValue.Real(random.nextInt(-STEPS, STEPS + 1) / (double) STEPS);
            case INT64, INT32 -> new FeatureValue.Whole(random.nextInt(2));
            case BOOL -> new FeatureValue.Bool(random.nextBoolean());
            case STRING -> throw new IllegalStateException("texts are refused before");
        };
    }

    /** How many there were; the number of the next one. */
    long made() {
        return made;
    }

    Request next() {
        long number = made++;
        return new Request(ID_PREFIX + number, "entity-" + number % ENTITIES, ATTRIBUTES, clock.millis(), rows.get((int)
                (number % ROWS)));
    }
}
