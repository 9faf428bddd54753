using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>What becomes of a caller: refused with an error, to wait in the lobby, or let in.</summary>
/// <param name="Error">The refusal; null for none.</param>
/// <param name="Waits">To wait until a moderator decides.</param>
public readonly record struct Verdict(StanzaError? Error, bool Waits)
{
    /// <summary>Let in.</summary>
    public static Verdict Pass => default;

    /// <summary>To wait.</summary>
    public static Verdict Wait => new(null, true);

    /// <summary>Refused.</summary>
    /// <param name="condition">The standard's condition.</param>
    /// <param name="detail">Our own word for it, for the call page.</param>
    /// <param name="text">For people.</param>
    public static Verdict Refuse(StanzaCondition condition, string detail, string text) => new(new StanzaError(condition, text, new Element(detail, ModerationNames.Namespace)), false);
}
