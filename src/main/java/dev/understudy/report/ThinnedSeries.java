package dev.understudy.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Points over all of a time however long: when there are too many, every other one goes, and new ones come half as often. */
final class ThinnedSeries {
    private static final int MOST = 240;

    private final List<ObjectNode> points = new ArrayList<>();
    private Duration apart = Duration.ofSeconds(1);
    private Instant last = Instant.MIN;

    void add(Instant at, ObjectNode point) {
        if (at.isBefore(last) || (!last.equals(Instant.MIN) && at.isBefore(last.plus(apart)))) {
            return;
        }
        last = at;
        points.add(point);
        if (points.size() > MOST) {
            for (int i = points.size() - 2; i >= 0; i -= 2) {
                points.remove(i);
            }
            apart = apart.multipliedBy(2);
        }
    }

    void forEach(Consumer<ObjectNode> taker) {
        points.forEach(taker);
    }
}
