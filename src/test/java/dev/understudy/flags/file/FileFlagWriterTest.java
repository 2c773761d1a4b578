package dev.understudy.flags.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.plan.FileEdit;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagWriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFlagWriterTest {
    private static final String KEY = "ml-model-version";

    @TempDir
    Path folder;

    private FlagPlan plan(String name, String text, FlagChange change) throws Exception {
        Path file = Files.writeString(folder.resolve(name), text);
        return new FileFlagWriter(file, FlagKeys.standard(), new ModelVersion("v1")).plan(change);
    }

    private static FlagChange to(String candidate, int percent) {
        return new FlagChange.Share(KEY, new ModelVersion(candidate), new ModelVersion("v1"), percent);
    }

    private static String after(FlagPlan plan) {
        return ((FileEdit) plan.steps().get(0)).after();
    }

    private void assertEdited(String before, FlagChange change, String after) throws Exception {
        assertThat(after(plan("flags.yaml", before, change))).isEqualTo(after);
    }

    private void assertRefused(String text, FlagChange change, String... why) {
        assertThatThrownBy(() -> plan("flags.yaml", text, change))
                .isInstanceOf(FlagPlanException.class)
                .message()
                .contains(why);
    }

    @Test
    void numbers_alone_change_where_the_rollout_is_written_out() throws Exception {
        String text = """
                # Ask Ann before you touch this.
                flags:
                  ml-model-version:
                    variations: [v1, v2]   # all of them
                    rules:
                      - if: {region: eu}
                        rollout: {v2: 10, v1: 90}
                    rollout: {v2: 5, v1: 95}  # everybody else
                  shadow-candidates: [v2]   # as ever
                """;
        FlagPlan plan = plan("flags.yaml", text, to("v2", 25));

        assertThat(after(plan)).isEqualTo(text.replace("{v2: 5, v1: 95}", "{v2: 25, v1: 75}"));
        assertThat(plan.now().orElseThrow()).hasToString("v1 95 %, v2 5 %");
        assertThat(plan.then().orElseThrow()).hasToString("v1 75 %, v2 25 %");
        assertThat(plan.moved()).isEmpty();
        assertThat(plan.steps().get(0).text())
                .contains("-    rollout: {v2: 5, v1: 95}  # everybody else\n")
                .contains("+    rollout: {v2: 25, v1: 75}  # everybody else\n")
                .doesNotContain("Ask Ann");
    }

    @Test
    void a_rollout_in_block_style_keeps_its_comments() throws Exception {
        assertEdited("""
                flags:
                  ml-model-version:
                    variations:
                      - v1   # production
                      - "2.0"
                      # more to come
                    rollout:
                      # the rest
                      v1: 90   # was 100
                      "2.0": 10
                """, to("v3", 5), """
                flags:
                  ml-model-version:
                    variations:
                      - v1   # production
                      - "2.0"
                      - v3
                      # more to come
                    rollout:
                      # the rest
                      v3: 5
                      v1: 85   # was 100
                      "2.0": 10
                """);
    }

    @Test
    void a_flag_that_serves_one_version_gets_a_rollout() throws Exception {
        assertEdited("""
                flags:
                  ml-model-version: v1  # for now
                  shadow-candidates: [v2]
                """, to("v2", 5), """
                flags:
                  ml-model-version: {variations: [v1, v2], rollout: {v2: 5, v1: 95}}  # for now
                  shadow-candidates: [v2]
                """);
        assertEdited("""
                flags:
                  ml-model-version:
                    serve: v1 # all
                    targets: {v2: [ann]}
                    variations: [v1, v2]
                """, to("v2", 5), """
                flags:
                  ml-model-version:
                    rollout: {v2: 5, v1: 95} # all
                    targets: {v2: [ann]}
                    variations: [v1, v2]
                """);
    }

    @Test
    void json_and_versions_that_need_quotes_stay_readable() throws Exception {
        FlagPlan plan = plan("flags.json", "{\"flags\": {\"ml-model-version\": \"v1\"}}", to("2", 5));
        assertThat(after(plan))
                .isEqualTo("{\"flags\": {\"ml-model-version\": {\"variations\": [\"v1\", \"2\"],"
                        + " \"rollout\": {\"2\": 5, \"v1\": 95}}}}");
        assertEdited(
                "flags: {ml-model-version: v1}",
                to("on", 5),
                "flags: {ml-model-version: {variations: [v1, \"on\"], rollout: {\"on\": 5, v1: 95}}}");
    }

    @Test
    void letters_beyond_the_basic_plane_and_line_ends_of_windows_do_not_shift_the_edit() throws Exception {
        String before = """
                # 🐙🐙 flags
                flags:
                  ml-model-version:
                    variations: [v1]
                    rollout:
                      v1: 100
                """.replace("\n", "\r\n");
        assertEdited(
                before,
                to("v2", 5),
                before.replace("[v1]", "[v1, v2]").replace("      v1: 100", "      v2: 5\r\n      v1: 95"));
    }

    @Test
    void the_switch_is_set_however_the_flag_is_written() throws Exception {
        FlagChange kill = new FlagChange.Kill(KEY);
        assertEdited(
                "flags:\n  ml-model-version: v2 # !\n",
                kill,
                "flags:\n  ml-model-version: {on: false, variations: [v2], serve: v2} # !\n");
        assertEdited(
                "flags:\n  ml-model-version:\n    on: true # yes\n    variations: [v1]\n    serve: v1\n",
                kill,
                "flags:\n  ml-model-version:\n    on: false # yes\n    variations: [v1]\n    serve: v1\n");
        assertEdited(
                "flags:\n  ml-model-version:\n    # all\n    variations: [v1]\n    serve: v1\n",
                kill,
                "flags:\n  ml-model-version:\n    # all\n    on: false\n    variations: [v1]\n    serve: v1\n");
        assertThat(plan("flags.yaml", "flags: {ml-model-version: {on: false, variations: [v1], serve: v1}}", kill)
                        .steps())
                .isEmpty();
    }

    @Test
    void what_is_as_wanted_needs_no_step() throws Exception {
        assertThat(plan(
                                "flags.yaml",
                                "flags: {ml-model-version: {variations: [v1, v2], rollout: {v1: 95, v2: 5}}}",
                                to("v2", 5))
                        .steps())
                .isEmpty();
    }

    @Test
    void a_third_candidate_whose_growth_moves_the_first_is_said_to() throws Exception {
        FlagPlan plan = plan(
                "flags.yaml",
                "flags: {ml-model-version: {variations: [v1, v2, v3, v4], rollout: {v1: 70, v2: 10, v3: 10, v4: 10}}}",
                to("v2", 25));
        assertThat(plan.moved()).containsExactly(new ModelVersion("v4"));
    }

    @Test
    void what_cannot_be_edited_is_refused() {
        assertRefused(
                "flags: {ml-model-version: {on: false, variations: [v1, v2], serve: v1}}",
                to("v2", 5),
                "is off",
                "by hand");
        assertRefused("flags: {ml-model-version: &here v1}", to("v2", 5), "cannot be edited safely", "by hand");
        assertRefused("flags: {ml-model-version: [v1]}", to("v2", 5), "must be");
        assertRefused(
                "flags: {ml-model-version: {variations: [v1, v2, v3], rollout: {v3: 80, v1: 20}}}",
                to("v2", 25),
                "105 % together");
    }

    @Test
    void the_file_is_replaced_whole_and_stays_what_it_was_to_others() throws Exception {
        Path kept = Files.writeString(folder.resolve("kept.yaml"), "flags: {ml-model-version: v1}\n");
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(folder.resolve("flags.yaml"), kept);
        FileFlagWriter writer = new FileFlagWriter(link, FlagKeys.standard(), new ModelVersion("v1"));

        writer.apply(writer.plan(to("v2", 5)));

        assertThat(kept).content().contains("rollout: {v2: 5, v1: 95}");
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-r-----");
        assertThat(folder.resolve("kept.yaml.new")).doesNotExist();
    }

    @Test
    void a_file_that_others_changed_meanwhile_is_left_alone() throws Exception {
        Path file = Files.writeString(folder.resolve("flags.yaml"), "flags: {ml-model-version: v1}\n");
        FileFlagWriter writer = new FileFlagWriter(file, FlagKeys.standard(), new ModelVersion("v1"));
        FlagPlan plan = writer.plan(to("v2", 5));
        Files.writeString(file, "flags: {ml-model-version: v3}\n");

        assertThatThrownBy(() -> writer.apply(plan))
                .isInstanceOf(FlagWriteException.class)
                .hasMessageContaining("nothing was changed")
                .hasMessageContaining("changed by others");
        assertThat(file).hasContent("flags: {ml-model-version: v3}\n");
    }

    @Test
    void a_wrong_file_is_told_with_its_place() throws IOException {
        assertRefused(
                "flags: {ml-model-version: {variations: [v1], rollout: {v1: 95}}}", to("v2", 5), "line 1", "add up");
        FileFlagWriter none =
                new FileFlagWriter(folder.resolve("none.yaml"), FlagKeys.standard(), new ModelVersion("v1"));
        assertThatThrownBy(() -> none.plan(to("v2", 5))).hasMessageContaining("does not exist");
    }
}
