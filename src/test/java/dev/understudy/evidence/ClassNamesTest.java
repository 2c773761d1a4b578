package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClassNamesTest {
    @ParameterizedTest
    @CsvSource({"1, 1.0", "1.0, 1", "01, 1", "0, -0.0", "-2.50, -2.5", ".5, 0.50", "3., 3", "fraud, fraud"})
    void same_class(String a, String b) {
        assertThat(ClassNames.same(a, b)).isTrue();
        assertThat(ClassNames.same(b, a)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0",
        "1, 10",
        "1, -1",
        "1, 1.01",
        "fraud, Fraud",
        "1e0, 1",
        "+1, 1",
        "., 0",
        "-, 0",
        "1.0.0, 1",
        "1, one"
    })
    void other_class(String a, String b) {
        assertThat(ClassNames.same(a, b)).isFalse();
        assertThat(ClassNames.same(b, a)).isFalse();
    }

    @Property
    void plain_numbers_are_compared_by_value(
            @ForAll @IntRange(min = -200, max = 200) int a,
            @ForAll @IntRange(min = -200, max = 200) int b,
            @ForAll @IntRange(max = 3) int scaleA,
            @ForAll @IntRange(max = 3) int scaleB) {
        BigDecimal left = BigDecimal.valueOf(a, scaleA);
        BigDecimal right = BigDecimal.valueOf(b, scaleB);

        assertThat(ClassNames.same(left.toPlainString(), right.toPlainString())).isEqualTo(left.compareTo(right) == 0);
    }
}
