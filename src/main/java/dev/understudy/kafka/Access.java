package dev.understudy.kafka;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** What an authoriser has to allow each user of the cluster for the pipeline to work, and nothing more. */
public final class Access {
    private final Topics topics;
    private final String applicationPrefix;
    private final Guarantee score;
    private final Guarantee shadow;
    private final boolean outcomes;
    private final Map<String, Map<String, String>> streamsTopics;

    /**
     * @param applicationPrefix of groups, see {@link StageSettings#applicationId}
     * @param score guarantee of the stage SCORE
     * @param shadow guarantee of the stage SHADOW; EVALUATE has only one
     * @param outcomes whether they are joined
     * @param streamsTopics that Kafka Streams makes for EVALUATE, by name, with their configuration
     */
    public Access(
            Topics topics,
            String applicationPrefix,
            Guarantee score,
            Guarantee shadow,
            boolean outcomes,
            Map<String, Map<String, String>> streamsTopics) {
        this.topics = topics;
        this.applicationPrefix = applicationPrefix;
        this.score = score;
        this.shadow = shadow;
        this.outcomes = outcomes;
        this.streamsTopics = new TreeMap<>(streamsTopics);
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
        /** Computes decisions again: {@code readiness verify}. */
        AUDITOR,
        /** Declares stages: {@code stage start}, {@code stage end}, {@code flags plan --apply}. */
        RELEASE,
        /** Writes requests and outcomes: services, {@code produce}, {@code outcomes}. */
        UPSTREAM,
        /** Reads predictions: services. */
        DOWNSTREAM,
        /** Reads what was compared and how it was judged, with tools of its own. */
        ANALYST,
        /** Reads what could not be read or processed, and sends it again: {@code dead-letters}. */
        OPERATOR,
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

    /** What a role needs. Where {@code READ} or {@code WRITE} is allowed, Kafka takes {@code DESCRIBE} for allowed. */
    public List<Rule> of(Role role) {
        return switch (role) {
            case SCORE ->
                stage(
                        "score",
                        score,
                        List.of(topics.predictionRequests(), topics.rolloutStages()),
                        List.of(topics.predictions(), topics.shadowRequests()));
            case SHADOW -> stage("shadow", shadow, List.of(topics.shadowRequests()), List.of(topics.comparisons()));
            case EVALUATE -> evaluate();
            case READER ->
                topics(
                        EnumSet.of(AclOperation.READ),
                        List.of(
                                topics.rolloutReadiness(),
                                topics.shadowMetrics(),
                                topics.disagreements(),
                                topics.rolloutStages()));
            case AUDITOR -> {
                List<Topic<?, ?>> read = new ArrayList<>(List.of(topics.rolloutReadiness()));
                read.addAll(evaluateInputs());
                yield topics(EnumSet.of(AclOperation.READ), read);
            }
            case RELEASE -> {
                List<Rule> rules =
                        topics(EnumSet.of(AclOperation.READ, AclOperation.WRITE), List.of(topics.rolloutStages()));
                rules.addAll(topics(
                        EnumSet.of(AclOperation.READ), List.of(topics.shadowMetrics(), topics.rolloutReadiness())));
                yield rules;
            }
            case UPSTREAM ->
                topics(EnumSet.of(AclOperation.WRITE), List.of(topics.predictionRequests(), topics.outcomes()));
            case DOWNSTREAM -> consumer("downstream", List.of(topics.predictions()));
            case ANALYST ->
                consumer(
                        "analyst",
                        List.of(
                                topics.comparisons(),
                                topics.disagreements(),
                                topics.shadowMetrics(),
                                topics.rolloutReadiness()));
            case OPERATOR -> operator();
            case PLATFORM ->
                topics(
                        EnumSet.of(AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS),
                        topics.all());
            case DOCTOR -> doctor();
        };
    }

    /** What EVALUATE reads; computing its decisions again takes the same. */
    private List<Topic<?, ?>> evaluateInputs() {
        List<Topic<?, ?>> read = new ArrayList<>(List.of(topics.predictions(), topics.comparisons()));
        if (outcomes) {
            read.add(topics.outcomes());
        }
        read.add(topics.rolloutStages());
        return read;
    }

    private List<Rule> evaluate() {
        List<Rule> rules = stage(
                "evaluate",
                Guarantee.EXACTLY_ONCE_V2,
                evaluateInputs(),
                List.of(topics.shadowMetrics(), topics.rolloutReadiness(), topics.disagreements()));
        // Kafka Streams' own topics: it creates them, and deletes what it has read of those between its tasks.
        streamsTopics.forEach((topic, configuration) -> {
            Set<AclOperation> operations = EnumSet.of(AclOperation.READ, AclOperation.WRITE, AclOperation.CREATE);
            if (isBetweenTasks(configuration)) {
                operations.add(AclOperation.DELETE);
            }
            rules.add(new Rule(ResourceType.TOPIC, topic, false, operations));
        });
        return rules;
    }

    private static boolean isBetweenTasks(Map<String, String> configuration) {
        return TopicConfig.CLEANUP_POLICY_DELETE.equals(configuration.get(TopicConfig.CLEANUP_POLICY_CONFIG));
    }

    private List<Rule> doctor() {
        List<Rule> rules = topics(EnumSet.of(AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS), topics.all());
        rules.addAll(
                topics(EnumSet.of(AclOperation.READ), List.of(topics.predictionRequests(), topics.rolloutReadiness())));
        streamsTopics.forEach((topic, configuration) -> {
            if (isBetweenTasks(configuration)) { // how far EVALUATE is with it
                rules.add(new Rule(ResourceType.TOPIC, topic, false, EnumSet.of(AclOperation.DESCRIBE)));
            }
        });
        for (String stage : List.of("score", "shadow", "evaluate")) {
            rules.add(group(StageSettings.applicationId(applicationPrefix, stage), false, AclOperation.DESCRIBE));
        }
        // Its clock.
        rules.add(new Rule(ResourceType.CLUSTER, Resource.CLUSTER_NAME, false, EnumSet.of(AclOperation.DESCRIBE)));
        return rules;
    }

    /** Clients that are not ours, whose groups are named {@code <application-prefix>-<role>-...}. */
    private List<Rule> consumer(String role, List<Topic<?, ?>> read) {
        List<Rule> rules = topics(EnumSet.of(AclOperation.READ), read);
        rules.add(group(StageSettings.applicationId(applicationPrefix, role) + "-", true, AclOperation.READ));
        return rules;
    }

    private List<Rule> operator() {
        List<Rule> rules = consumer("operator", List.of(topics.deadLetters()));
        rules.addAll(topics(
                EnumSet.of(AclOperation.WRITE),
                List.of(topics.deadLetters(), topics.predictionRequests(), topics.outcomes())));
        rules.add(new Rule(
                ResourceType.TRANSACTIONAL_ID,
                DeadLetterReplay.transactionalId(topics),
                false,
                EnumSet.of(AclOperation.WRITE)));
        return rules;
    }

    private static Rule group(String name, boolean prefixed, AclOperation operation) {
        return new Rule(ResourceType.GROUP, name, prefixed, EnumSet.of(operation));
    }

    private List<Rule> stage(String stage, Guarantee guarantee, List<Topic<?, ?>> read, List<Topic<?, ?>> written) {
        String application = StageSettings.applicationId(applicationPrefix, stage);
        List<Rule> rules = new ArrayList<>();
        rules.add(group(application, false, AclOperation.READ));
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
