package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EvidenceSlotTest {
    @ParameterizedTest
    @ValueSource(strings = {"fraud/v1/v1.", "fraud/v1./v2"})
    void state_of_a_version_whose_name_is_no_longer_one_is_refused_with_what_to_do(String pair) {
        assertThatThrownBy(() -> EvidenceSlot.ofStoreKey("3\n-\n" + EvidenceKind.PAIRS.code() + "\nall\n" + pair))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the versions of the pair " + pair + " must be " + ModelVersion.RULE)
                .hasMessageContaining("one was 'v1.'")
                .hasMessageContaining("begin anew with another kafka.application-prefix");
    }
}
