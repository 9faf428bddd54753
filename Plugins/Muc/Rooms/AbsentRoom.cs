using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Answers for rooms that there are not.</summary>
internal static class AbsentRoom
{
    /// <summary>The answers to a stanza.</summary>
    public static IReadOnlyList<Stanza> Answer(Stanza stanza)
    {
        if (stanza.IsError || stanza is Iq { IsRequest: false } || stanza is Presence { IsAvailable: false }) return [];
        return stanza switch
        {
            // Entering would make the room, and they may not (XEP-0045 section 7.2.11).
            Presence { To.Resource: not null } when stanza.Element.Child("x", MucNames.Muc) is not null => [stanza.ErrorReply(new StanzaError(StanzaCondition.NotAllowed, "There is no such room, and you may not make one."))],
            Presence { To.Resource: null } => [stanza.ErrorReply(new StanzaError(StanzaCondition.JidMalformed, "A nickname is needed."))],
            Presence presence => [Joining.NotThere(presence)],
            // A ping of oneself in a room that is gone must not look like one that was only renamed (XEP-0410 section 3.2).
            Iq { To.Resource: not null } => [stanza.ErrorReply(new StanzaError(StanzaCondition.NotAcceptable))],
            _ => [stanza.ErrorReply(new StanzaError(StanzaCondition.ItemNotFound, "There is no such room."))],
        };
    }
}
