using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>Raised inside a reader when the peer's XML breaks a rule or a bound, so that nested readers stay straight; never leaves <see cref="JingleMessage.TryRead"/>.</summary>
internal sealed class JingleFaultException(string message) : Exception(message);

/// <summary>The errors that XEP-0166 section 10 defines, each paired with its stanza condition.</summary>
public static class JingleErrors
{
    /// <summary>The request cannot occur at this point (<c>unexpected-request</c>).</summary>
    public static StanzaError OutOfOrder(string? text = null) => new(StanzaCondition.UnexpectedRequest, text, Condition("out-of-order"));

    /// <summary>The request collides with one that this side sent (<c>conflict</c>).</summary>
    public static StanzaError TieBreak() => new(StanzaCondition.Conflict, null, Condition("tie-break"));

    /// <summary>No session of that id with that peer (<c>item-not-found</c>).</summary>
    public static StanzaError UnknownSession() => new(StanzaCondition.ItemNotFound, null, Condition("unknown-session"));

    /// <summary>A session-info payload that is not understood (<c>feature-not-implemented</c>, section 6.8).</summary>
    public static StanzaError UnsupportedInfo() => new(StanzaCondition.FeatureNotImplemented, StanzaErrorType.Modify, null, Condition("unsupported-info"));

    /// <summary>Whether an error is the tie-break.</summary>
    public static bool IsTieBreak(StanzaError error) => error.Condition == StanzaCondition.Conflict && error.Application?.Is("tie-break", Ns.JingleErrors) == true;

    /// <summary>Whether an error says that the peer knows no such session.</summary>
    public static bool IsUnknownSession(StanzaError error) => error.Condition == StanzaCondition.ItemNotFound;

    private static Element Condition(string name) => new(name, Ns.JingleErrors);
}
