package dev.understudy.domain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The requests that are shipped with the fraud models. */
public final class FraudRequests {
    private static final Path FILE = Path.of("models", "fraud", "requests.csv");

    private final List<String> header;
    private final List<String> lines;

    private FraudRequests(List<String> all) {
        header = Arrays.asList(all.get(0).split(",", -1));
        lines = all.subList(1, all.size());
    }

    public static FraudRequests read() {
        try {
            return new FraudRequests(Files.readAllLines(FILE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** So many requests with ids {@code r<n>}; the rows of the file are used again where it has fewer. */
    public List<Request> take(int count) {
        return IntStream.range(0, count).mapToObj(this::get).toList();
    }

    /** How many there are before they repeat. */
    public int size() {
        return lines.size();
    }

    /** Request {@code r<n>}. */
    public Request get(int n) {
        String[] cells = lines.get(n % lines.size()).split(",", -1);
        Map<String, FeatureValue> features = new LinkedHashMap<>();
        for (int column = 3; column < cells.length - 1; column++) {
            features.put(header.get(column), new FeatureValue.Real(Double.parseDouble(cells[column])));
        }
        return new Request("r" + n, cells[1], Map.of("region", cells[2]), n, new FeatureMap(features));
    }
}
