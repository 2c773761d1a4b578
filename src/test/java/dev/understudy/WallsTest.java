package dev.understudy;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The walls between the rooms. */
final class WallsTest {
    private static final String ROOT = "dev.understudy.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.understudy");

    private static ArchRule livesIn(String thirdParty, String... rooms) {
        return noClasses()
                .that(not(resideInAnyPackage(rooms)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(thirdParty)
                .as(thirdParty + " is used in " + String.join(", ", rooms) + " alone");
    }

    @TestFactory
    List<DynamicTest> walls_stand() {
        List<ArchRule> rules = List.of(
                classes()
                        .that()
                        .resideInAPackage(ROOT + "domain")
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage("java..", "org.jspecify..", ROOT + "domain"),
                classes()
                        .that()
                        .resideInAPackage(ROOT + "evidence")
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage("java..", "org.jspecify..", ROOT + "domain", ROOT + "evidence"),
                classes()
                        .that()
                        .resideInAPackage(ROOT + "readiness")
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage(
                                "java..", "org.jspecify..", ROOT + "domain", ROOT + "evidence", ROOT + "readiness"),
                stageIsAlone("score", "shadow", "evaluate"),
                stageIsAlone("shadow", "score", "evaluate"),
                stageIsAlone("evaluate", "score", "shadow"),
                livesIn("ai.onnxruntime..", ROOT + "model.onnx", ROOT + "bench"),
                livesIn("com.launchdarkly..", ROOT + "flags.launchdarkly", ROOT + "flags.file"),
                livesIn("io.getunleash..", ROOT + "flags.unleash"),
                livesIn("com.flagsmith..", ROOT + "flags.flagsmith"),
                livesIn("kafka..", ROOT + "broker"),
                livesIn("org.apache.kafka.metadata..", ROOT + "broker"),
                livesIn("com.sun.net.httpserver..", ROOT + "broker"),
                livesIn(
                        "java.net.http..",
                        ROOT + "kafka.avro",
                        ROOT + "flags.flagsmith",
                        ROOT + "http",
                        ROOT + "flags.plan"),
                livesIn("picocli..", ROOT + "cli"),
                livesIn("org.eclipse.jetty..", ROOT + "page"),
                livesIn("org.webjars..", ROOT + "page"),
                livesIn("io.micrometer..", ROOT + "metrics", ROOT + "kafka", ROOT + "app"),
                livesIn("com.github.difflib..", ROOT + "flags.plan"),
                livesIn("com.fasterxml.jackson.dataformat.csv..", ROOT + "rows"),
                livesIn("org.apache.avro..", ROOT + "kafka..", ROOT + "avro", ROOT + "broker"),
                livesIn(
                        "org.apache.kafka.streams..",
                        ROOT + "kafka",
                        ROOT + "score",
                        ROOT + "shadow",
                        ROOT + "evaluate",
                        ROOT + "bench"),
                noClasses()
                        .that(not(resideInAnyPackage(ROOT + "cli", ROOT + "app", ROOT + "doctor")))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(ROOT + "app"),
                noClasses()
                        .that(not(resideInAnyPackage(ROOT + "kafka..", ROOT + "broker")))
                        .should()
                        .dependOnClassesThat()
                        .areAssignableTo(Properties.class),
                noClasses()
                        .that(not(resideInAPackage(ROOT + "config")))
                        .should()
                        .callMethod(System.class, "getenv")
                        .orShould()
                        .callMethod(System.class, "getenv", String.class),
                slices().matching(ROOT + "(*)..").should().beFreeOfCycles());
        return rules.stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(CLASSES)))
                .toList();
    }

    private static ArchRule stageIsAlone(String stage, String... others) {
        return noClasses()
                .that(resideInAPackage(ROOT + stage + ".."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + others[0] + "..", ROOT + others[1] + "..")
                .as("stage " + stage + " does not know the other stages");
    }

    @Test
    void rules_look_at_real_classes() {
        assertThat(CLASSES.size()).isGreaterThan(50);
    }
}
