package dev.understudy.flags.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnifiedDiffTest {
    @Test
    void one_piece_with_three_lines_around_it() {
        assertThat(UnifiedDiff.of("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\nand\n6\n7\n8\n9\n"))
                .isEqualTo("--- f\n+++ f\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+and\n 6\n 7\n 8\n");
    }

    @Test
    void lines_between_two_changes_are_not_part_of_either() {
        assertThat(UnifiedDiff.of("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "one\n2\n3\n4\n5\n6\n7\n8\n9\nten\n"))
                .isEqualTo("""
                        --- f
                        +++ f
                        @@ -1,4 +1,4 @@
                        -1
                        +one
                         2
                         3
                         4
                        @@ -7,4 +7,4 @@
                         7
                         8
                         9
                        -10
                        +ten
                        """);
        assertThat(UnifiedDiff.of("f", "1\n2\n3\n", "one\n2\nthree\n"))
                .isEqualTo("--- f\n+++ f\n@@ -1,3 +1,3 @@\n-1\n+one\n 2\n-3\n+three\n");
    }

    @Test
    void a_last_line_without_an_end_is_said_to_be_one() {
        assertThat(UnifiedDiff.of("f", "a\nb", "a\nc\n"))
                .isEqualTo("--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n");
    }

    @Test
    void a_repeated_line_is_not_counted_twice() {
        assertThat(UnifiedDiff.of("f", "a\na\n", "a\na\na\n")).isEqualTo("--- f\n+++ f\n@@ -1,2 +1,3 @@\n a\n a\n+a\n");
    }
}
