package dev.understudy.kafka;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** What an authoriser has to allow each user of the cluster for the pipeline to work, and nothing more. */
public final class Access {
    private final Topics topics;
    private final String applicationPrefix;

    /** @param applicationPrefix of the stages' groups, see {@link StageSettings#applicationId} */
    public Access(Topics topics, String applicationPrefix) {
        this.topics = topics;
        this.applicationPrefix = applicationPrefix;
    }

    /** Who works with the cluster. One user may have several roles. */
    public enum Role {
        /** The stage SCORE. */
        SCORE,
        /** The stage SHADOW. */
        SHADOW,
        /** The stage EVALUATE. */
        EVALUATE,
        /** Reads decisions: the page of {@code run}, {@code readiness}, {@code stage show}. */
        READER,
        /** Declares stages: {@code stage start}, {@code stage end}, {@code flags plan --apply}. */
        RELEASE,
        /** Writes requests and outcomes: services, {@code produce}, {@code outcomes}. */
        UPSTREAM,
        /** Reads predictions: services. */
        DOWNSTREAM,
        /** Creates and checks the topics: {@code topics create}, {@code topics check}. */
        PLATFORM,
        /** Looks at everything: {@code doctor}. */
        DOCTOR
    }

    /**
     * Operations on a resource.
     *
     * @param prefixed whether the name stands for all that begin with it
     */
    public record Rule(ResourceType type, String name, boolean prefixed, Set<AclOperation> operations) {
        public Rule {
            operations = Set.copyOf(operations);
        }

        /** As the broker takes them, for one user from any host. */
        public List<AclBinding> bindings(String principal) {
            ResourcePattern pattern =
                    new ResourcePattern(type, name, prefixed ? PatternType.PREFIXED : PatternType.LITERAL);
            return operations.stream()
                    .sorted()
                    .map(operation -> new AclBinding(
                            pattern, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)))
                    .toList();
        }
    }

    /**
     * What a role needs. Where {@code READ} or {@code WRITE} is allowed, Kafka takes {@code DESCRIBE} for allowed.
     *
     * @param guarantee of the stage; EVALUATE has only one
     */
    public List<Rule> of(Role role, Guarantee guarantee) {
        return switch (role) {
            case SCORE ->
                stage(
                        "score",
                        guarantee,
                        List.of(topics.predictionRequests(), topics.rolloutStages()),
                        List.of(topics.predictions(), topics.shadowRequests()));
            case SHADOW -> stage("shadow", guarantee, List.of(topics.shadowRequests()), List.of(topics.comparisons()));
            case EVALUATE -> {
                List<Rule> rules = stage(
                        "evaluate",
                        Guarantee.EXACTLY_ONCE_V2,
                        List.of(topics.predictions(), topics.comparisons(), topics.outcomes(), topics.rolloutStages()),
                        List.of(topics.shadowMetrics(), topics.rolloutReadiness(), topics.disagreements()));
                // Kafka Streams' own topics: it creates them and deletes what it has read of those between its tasks.
                rules.add(new Rule(
                        ResourceType.TOPIC,
                        StageSettings.applicationId(applicationPrefix, "evaluate") + "-",
                        true,
                        EnumSet.of(AclOperation.READ, AclOperation.WRITE, AclOperation.CREATE, AclOperation.DELETE)));
                yield rules;
            }
            case READER ->
                topics(
                        EnumSet.of(AclOperation.READ),
                        List.of(
                                topics.rolloutReadiness(),
                                topics.shadowMetrics(),
                                topics.disagreements(),
                                topics.rolloutStages()));
            case RELEASE -> {
                List<Rule> rules =
                        topics(EnumSet.of(AclOperation.READ, AclOperation.WRITE), List.of(topics.rolloutStages()));
                rules.addAll(topics(
                        EnumSet.of(AclOperation.READ), List.of(topics.shadowMetrics(), topics.rolloutReadiness())));
                yield rules;
            }
            case UPSTREAM ->
                topics(EnumSet.of(AclOperation.WRITE), List.of(topics.predictionRequests(), topics.outcomes()));
            case DOWNSTREAM -> topics(EnumSet.of(AclOperation.READ), List.of(topics.predictions()));
            case PLATFORM ->
                topics(
                        EnumSet.of(AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS),
                        topics.all());
            case DOCTOR -> {
                List<Rule> rules =
                        topics(EnumSet.of(AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS), topics.all());
                rules.addAll(topics(
                        EnumSet.of(AclOperation.READ),
                        List.of(topics.predictionRequests(), topics.rolloutReadiness())));
                rules.add(new Rule(
                        ResourceType.TOPIC,
                        StageSettings.applicationId(applicationPrefix, "evaluate") + "-",
                        true,
                        EnumSet.of(AclOperation.DESCRIBE))); // how far it is with its own topics
                for (String stage : List.of("score", "shadow", "evaluate")) {
                    rules.add(new Rule(
                            ResourceType.GROUP,
                            StageSettings.applicationId(applicationPrefix, stage),
                            false,
                            EnumSet.of(AclOperation.DESCRIBE)));
                }
                // Its clock.
                rules.add(new Rule(
                        ResourceType.CLUSTER, Resource.CLUSTER_NAME, false, EnumSet.of(AclOperation.DESCRIBE)));
                yield rules;
            }
        };
    }

    private List<Rule> stage(String stage, Guarantee guarantee, List<Topic<?, ?>> read, List<Topic<?, ?>> written) {
        String application = StageSettings.applicationId(applicationPrefix, stage);
        List<Rule> rules = new ArrayList<>();
        rules.add(new Rule(ResourceType.GROUP, application, false, EnumSet.of(AclOperation.READ)));
        if (guarantee == Guarantee.EXACTLY_ONCE_V2) {
            rules.add(new Rule(ResourceType.TRANSACTIONAL_ID, application + "-", true, EnumSet.of(AclOperation.WRITE)));
        }
        rules.addAll(topics(EnumSet.of(AclOperation.READ), read));
        rules.addAll(topics(EnumSet.of(AclOperation.WRITE), written));
        rules.addAll(topics(EnumSet.of(AclOperation.WRITE), List.of(topics.deadLetters())));
        return rules;
    }

    private static List<Rule> topics(Set<AclOperation> operations, List<Topic<?, ?>> some) {
        List<Rule> rules = new ArrayList<>();
        some.forEach(topic -> rules.add(new Rule(ResourceType.TOPIC, topic.name(), false, operations)));
        return rules;
    }
}
