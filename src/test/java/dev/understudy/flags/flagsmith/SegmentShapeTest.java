package dev.understudy.flags.flagsmith;

import static dev.understudy.flags.flagsmith.EnvironmentJson.condition;
import static dev.understudy.flags.flagsmith.EnvironmentJson.split;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentShapeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "EQUAL            | region                | eu",
                "NOT_EQUAL        | region                | eu",
                "GREATER_THAN     | age                   | 18",
                "IS_SET           | region                | null",
                "IS_NOT_SET       | region                | ''",
                "IN               | region                | eu,uk",
                "REGEX            | region                | ^e.*$",
                "MODULO           | age                   | '7|3'",
                "EQUAL            | $.identity.identifier | user-1",
                "EQUAL            | $.environment.name    | Production",
                "PERCENTAGE_SPLIT | null                  | 5",
                "PERCENTAGE_SPLIT | ''                    | 0.5",
                "PERCENTAGE_SPLIT | $.identity.key        | 5",
            })
    void a_condition_that_the_sdk_knows_fits(String operator, String property, String value) {
        assertThat(shape(condition(operator, property, value)).misfit()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "STARTS_WITH      | region           | eu        | the operator 'STARTS_WITH'",
                "EQUAL            | $.flags.x.value  | on        | asks for '$.flags.x.value'",
                "EQUAL            | region           | null      | a condition EQUAL",
                "IN               | region           | [\"eu\"]  | a condition IN",
                "REGEX            | region           | [         | a condition REGEX",
                "MODULO           | age              | 7         | a condition MODULO",
                "PERCENTAGE_SPLIT | account          | 5         | divides by 'account'",
                "PERCENTAGE_SPLIT | null             | five      | a condition PERCENTAGE_SPLIT",
            })
    void a_condition_that_the_sdk_would_get_wrong_in_silence_is_named(
            String operator, String property, String value, String what) {
        assertThat(shape(condition("EQUAL", "plan", "x"), condition(operator, property, value))
                        .misfit())
                .hasValueSatisfying(misfit -> assertThat(misfit).contains("segment 'some'", what));
    }

    @Test
    void a_rule_of_an_unknown_type_is_named() {
        ObjectNode segment = new EnvironmentJson().segment("some", split("5"));
        ((ObjectNode) segment.at("/rules/0")).put("type", "MOST");

        assertThat(SegmentShape.of(segment).misfit())
                .hasValueSatisfying(misfit -> assertThat(misfit).contains("'MOST'"));
    }

    @Test
    void only_a_segment_that_asks_nothing_else_is_a_split() {
        assertThat(shape(split("5")).splitOnly()).isTrue();
        assertThat(shape(split("5"), condition("EQUAL", "region", "eu")).splitOnly())
                .isFalse();
        assertThat(shape(condition("EQUAL", "region", "eu")).splitOnly()).isFalse();
        assertThat(shape().splitOnly()).isFalse();
    }

    private static SegmentShape shape(ObjectNode... conditions) {
        return SegmentShape.of(new EnvironmentJson().segment("some", conditions));
    }
}
