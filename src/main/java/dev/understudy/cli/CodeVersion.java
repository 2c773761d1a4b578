package dev.understudy.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of this code, from the jar's manifest. */
final class CodeVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"understudy " + text()};
    }

    static String text() {
        String version = CodeVersion.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
