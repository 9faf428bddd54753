using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>Which SASL mechanisms a stream offers.</summary>
internal static class SaslMechanisms
{
    private const string Scram = "SCRAM-";
    private const string Plus = "-PLUS";

    /// <summary>A token by itself.</summary>
    public const string FastUnbound = "HT-SHA-256-NONE";

    /// <summary>A token bound to the server's certificate.</summary>
    public const string FastBound = "HT-SHA-256-ENDP";

    /// <summary>The mechanisms, best first: no password in the clear without TLS, nothing at all where others listen.</summary>
    /// <param name="security">What the carrier protects.</param>
    /// <param name="isGuestDomain">Whether guests come in here, and nobody else.</param>
    /// <param name="hashes">The hashes that SCRAM runs on here.</param>
    public static IReadOnlyList<string> Of(ConnectionSecurity security, bool isGuestDomain, IReadOnlyList<ScramHash> hashes)
    {
        if (!security.AllowsSasl) return [];
        if (isGuestDomain) return ["ANONYMOUS"];
        var offered = new List<string>();
        if (security.HasChannelBinding) offered.AddRange(hashes.Select(h => Scram + h.Name + Plus));
        offered.AddRange(hashes.Select(h => Scram + h.Name));
        if (security.IsEncrypted) offered.Add("PLAIN");
        return offered;
    }

    /// <summary>The mechanisms that take a token (XEP-0484 section 3.1); never where others may listen.</summary>
    public static IReadOnlyList<string> Fast(ConnectionSecurity security) =>
        !security.IsEncrypted ? [] : security.HasChannelBinding ? [FastBound, FastUnbound] : [FastUnbound];

    /// <summary>The hash of a SCRAM mechanism that is offered, and whether it binds the channel.</summary>
    public static (ScramHash Hash, bool IsPlus) ReadScram(string name)
    {
        var isPlus = name.EndsWith(Plus, StringComparison.Ordinal);
        var hash = isPlus ? name[Scram.Length..^Plus.Length] : name[Scram.Length..];
        return ScramHash.TryFind(hash, out var found) ? (found, isPlus) : throw new ArgumentException($"{name} is no kind of SCRAM.", nameof(name));
    }
}
