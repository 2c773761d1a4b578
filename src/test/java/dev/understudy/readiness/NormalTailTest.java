package dev.understudy.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NormalTailTest {
    /** Expected values: mpmath 1.3 with 40 digits. */
    @ParameterizedTest
    @CsvSource({
        "-10000.0, -50000010.129278915181",
        "-300.0, -45006.62273211866336",
        "-38.5, -745.69527029041108133",
        "-20.0, -203.91715537109726394",
        "-5.7, -18.93311242322474297",
        "-5.6, -18.351379495909332066",
        "-1.2, -2.1622175060437393286",
        "-0.7, -1.4189677615315315793",
        "-0.66, -1.3679558848901993932",
        "-0.1, -0.77615459273027332557",
        "0.0, -0.69314718055994530942",
        "1e-08, -0.69314717258109973322",
        "0.3, -0.48141016158848120517",
        "0.66, -0.29387040027781765634",
        "0.7, -0.277023942277131263",
        "2.0, -0.023012909328963488465",
        "5.6, -1.0717590315744300203e-8",
        "5.7, -5.9903714190058030208e-9",
        "8.0, -6.2209605742717860585e-16",
        "12.0, -1.7764821120776789977e-33"
    })
    void logarithm_is_accurate_from_the_far_tail_to_the_other(double x, double expected) {
        assertThat(NormalTail.logCdf(x)).isCloseTo(expected, withPercentage(2e-12));
    }

    @Test
    void ends_are_minus_infinity_and_zero() {
        assertThat(NormalTail.logCdf(Double.NEGATIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(NormalTail.logCdf(40)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0.629, 628.4, -3.6975268339949226226",
        "0.001, 0.001, 7.6009008170083473785",
        "1, 1, 0",
        "0.5, 0.5, 1.1447298858494001741",
        "14.9, 15.1, -20.873907213958067627",
        "314.5, 314.5, -437.59915903067882347",
        "3100000000.0, 0.01, 4.380933198559243354",
        "250000000.0, 750000000.0, -562335153.22451451841",
        "15, 2, -5.4806389233419913037"
    })
    void log_beta_is_accurate_for_small_and_huge_arguments(double x, double y, double expected) {
        assertThat(LogBeta.of(x, y)).isCloseTo(expected, within(2e-14 * Math.max(1, Math.abs(expected))));
        assertThat(LogBeta.of(y, x)).isCloseTo(expected, within(2e-14 * Math.max(1, Math.abs(expected))));
    }
}
