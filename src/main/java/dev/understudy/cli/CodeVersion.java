package dev.understudy.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of this code, from the jar's manifest. */
final class CodeVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = CodeVersion.class.getPackage().getImplementationVersion();
        return new String[] {"understudy " + (version == null ? "(not packaged)" : version)};
    }
}
