using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Routing;

/// <summary>What became of a stanza: it is done with, or an error or an answer goes back to its sender.</summary>
internal readonly record struct Outcome(StanzaError? Error, Stanza? Answer)
{
    /// <summary>Delivered, taken or rightly ignored.</summary>
    public static Outcome Done => default;

    /// <summary>Refused.</summary>
    public static Outcome Refuse(StanzaCondition condition) => new(new StanzaError(condition), null);

    /// <summary>Answered.</summary>
    public static Outcome Reply(Stanza? answer) => new(null, answer);

    /// <summary>
    /// What to send back for a stanza that met this outcome; null for nothing. An error is never answered, neither is an IQ's answer (RFC 6120 section 8.3.1),
    /// nor a presence that asks for nothing.
    /// </summary>
    public Stanza? ReplyTo(Stanza stanza)
    {
        if (Answer is not null || Error is null) return Answer;
        var silent = stanza.IsError || stanza is Iq { IsRequest: false } || stanza is Presence { Type: "unavailable" or "unsubscribed" or "probe" };
        return silent ? null : stanza.ErrorReply(Error);
    }
}
