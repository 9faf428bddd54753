using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>What a client wants with and behind its authentication (XEP-0388 section 2.3).</summary>
/// <param name="Mechanism">The mechanism; null if none is named.</param>
/// <param name="InitialResponse">The first message; null if it is to be asked for.</param>
/// <param name="ClientId">The client's installation, a UUID; null if it does not say, or says something else.</param>
/// <param name="Resume">The stream to resume (XEP-0198); null for none.</param>
/// <param name="Bind">The resource to bind, with what else is wanted then (XEP-0386); null for none.</param>
/// <param name="Fast">Present where the mechanism proves a token (XEP-0484 section 3.3).</param>
/// <param name="TokenMechanism">The mechanism that a token is wanted for; null for no token.</param>
internal sealed record Sasl2Request(string? Mechanism, Element? InitialResponse, string? ClientId, Element? Resume, Element? Bind, Element? Fast, string? TokenMechanism)
{
    /// <summary>Whether the token that is used is to be used no more.</summary>
    public bool EndsToken => ManagementElements.ReadBoolean(Fast?["invalidate"]);

    /// <summary>Reads it.</summary>
    public static Sasl2Request Read(Element authenticate) => new(
        authenticate["mechanism"],
        authenticate.Child("initial-response"),
        Guid.TryParseExact(authenticate.Child("user-agent")?["id"], "D", out var id) ? id.ToString("D") : null,
        authenticate.Child("resume", Ns.StreamManagement),
        authenticate.Child("bind", Ns.Bind2),
        authenticate.Child("fast", Ns.Fast),
        authenticate.Child("request-token", Ns.Fast)?["mechanism"]);
}
