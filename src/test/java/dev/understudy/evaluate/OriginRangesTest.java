package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class OriginRangesTest {
    @Test
    void ranges_are_read_back_from_their_text() {
        OriginRanges ranges = new OriginRanges(
                List.of(new OriginRanges.Range(0, 12, 9_931, 4_711), new OriginRanges.Range(3, 0, Long.MAX_VALUE, 1)));

        assertThat(OriginRanges.parse(ranges.text())).isEqualTo(ranges);
        assertThat(OriginRanges.parse("")).isEqualTo(OriginRanges.NONE);
    }
}
