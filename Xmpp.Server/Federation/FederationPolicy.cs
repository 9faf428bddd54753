using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Federation;

/// <summary>Which domains the operator lets in: not one that is denied, and where some are named, only those.</summary>
internal sealed class FederationPolicy(FederationOptions options)
{
    /// <summary>Whether to speak with a domain.</summary>
    public bool Allows(string domain) => !options.Deny.Any(p => Matches(p, domain)) && (options.Allow.Count == 0 || options.Allow.Any(p => Matches(p, domain)));

    /// <summary>Whether a pattern is one.</summary>
    public static bool IsPattern(string pattern) => Name(pattern) is not null;

    private static bool Matches(string pattern, string domain) => Name(pattern) is { } name
        && (pattern.StartsWith("*.", StringComparison.Ordinal) ? domain.EndsWith("." + name, StringComparison.Ordinal) : domain == name);

    private static string? Name(string pattern) =>
        Jid.TryParse(pattern.StartsWith("*.", StringComparison.Ordinal) ? pattern[2..] : pattern, out var jid) && jid is { Local: null, Resource: null } ? jid.Domain : null;
}
