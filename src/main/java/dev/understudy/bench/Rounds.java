package dev.understudy.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The order within rounds. */
final class Rounds {
    private Rounds() {}

    /** Each round, counted from 1, begins with another. */
    static <T> List<T> order(List<T> all, int round) {
        List<T> order = new ArrayList<>(all);
        Collections.rotate(order, -(round - 1));
        return order;
    }
}
