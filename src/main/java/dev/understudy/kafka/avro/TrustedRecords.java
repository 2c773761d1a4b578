package dev.understudy.kafka.avro;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Lets Avro load the records generated from {@code schemas/}: since 1.12.2 it refuses every class that nobody vouched
 * for. What was trusted before stays trusted, and nothing else is.
 */
public record TrustedRecords(ClassSecurityPredicate others) implements ClassSecurityPredicate {
    private static final String PACKAGE = "dev.understudy.avro";

    /** Lets Avro make our own records; to be called before the first of them is built or read. */
    public static synchronized void trust() {
        ClassSecurityPredicate current = ClassSecurityValidator.getGlobal();
        if (!(current instanceof TrustedRecords)) {
            ClassSecurityValidator.setGlobal(new TrustedRecords(current));
        }
    }

    @Override
    public boolean isTrusted(Class<?> type) {
        return type.getPackageName().equals(PACKAGE) || others.isTrusted(type);
    }

    @Override
    public void forbiddenClass(String name) {
        others.forbiddenClass(name);
    }
}
