using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Routing;

/// <summary>The session request of RFC 3921 section 3, which older clients still send after binding. It does nothing.</summary>
internal static class SessionRequest
{
    /// <summary>Its namespace.</summary>
    public const string Namespace = "urn:ietf:params:xml:ns:xmpp-session";

    /// <summary>The answer; null if the IQ is something else.</summary>
    public static Iq? Answer(Iq iq) => iq.Type == "set" && iq.Payload!.Is("session", Namespace) ? iq.Result() : null;
}
