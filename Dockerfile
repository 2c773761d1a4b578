# The pipeline without its build: a JRE, the jars, the shipped models, a user of its own.
#   docker build -t understudy .
FROM eclipse-temurin:17.0.17_10-jdk-jammy AS build
WORKDIR /build
COPY . .
RUN ./mvnw -q -B -DskipTests -Dspotless.check.skip=true package

FROM eclipse-temurin:17.0.17_10-jre-jammy
RUN useradd --system --uid 10001 --home-dir /var/lib/understudy --create-home understudy
WORKDIR /opt/understudy
COPY --from=build /build/understudy understudy
COPY --from=build /build/target/understudy.jar target/understudy.jar
COPY --from=build /build/target/lib target/lib
COPY models models
USER 10001
# State that should survive the container; kafka.state-directory below it.
VOLUME /var/lib/understudy
EXPOSE 8080
ENTRYPOINT ["/opt/understudy/understudy"]
CMD ["run", "-c", "/etc/understudy/understudy.yaml"]
