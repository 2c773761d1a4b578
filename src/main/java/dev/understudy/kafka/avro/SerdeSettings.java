package dev.understudy.kafka.avro;

/**
 * How a serializer finds its schema's number, and a deserializer its class.
 *
 * @param autoRegister register schemas that the registry does not know ({@code auto.register.schemas})
 * @param useLatest write with the number of the subject's latest version ({@code use.latest.version}); only if its
 *     layout is that of the record
 * @param specificReader read into generated classes ({@code specific.avro.reader})
 */
record SerdeSettings(
        boolean autoRegister,
        boolean useLatest,
        boolean specificReader,
        SubjectNaming keySubjects,
        SubjectNaming valueSubjects) {

    static SerdeSettings defaults() {
        return new SerdeSettings(true, false, true, SubjectNaming.TOPIC_NAME, SubjectNaming.TOPIC_NAME);
    }

    String subject(String topic, boolean key, org.apache.avro.Schema schema) {
        return (key ? keySubjects : valueSubjects).subject(topic, key, schema);
    }
}
