using Parley.Plugins.FocusAgent.Legs;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>How a call ends that never became a leg, and what its caller reads.</summary>
public static class Refusals
{
    /// <summary>What is said to one-to-one clients, which hear and see one stream each, where nothing makes such a stream.</summary>
    public const string NoMixer = "This server cannot mix calls: a part of it is not installed. Join by the call page instead.";

    /// <summary>What is said where as many are in as may be.</summary>
    public const string Full = "The room is full.";

    /// <summary>What is said to whoever offers media in the clear.</summary>
    public const string InTheClear = "Media must be encrypted by DTLS-SRTP (XEP-0320).";

    /// <summary>
    /// Ends the session of a call (XEP-0166 section 6.7). Most one-to-one clients show no more of a reason than that the call is over, so that the room writes the words as well; the call page shows them itself.
    /// </summary>
    /// <param name="outbox">The way out.</param>
    /// <param name="call">The call; its request is answered already.</param>
    /// <param name="initiate">Its session-initiate.</param>
    /// <param name="why">The reason.</param>
    /// <param name="words">What its caller reads; null for nothing.</param>
    /// <param name="isPage">Whether the call page calls.</param>
    public static void Terminate(this Outbox outbox, Call call, JingleMessage initiate, JingleCondition why, string? words, bool isPage)
    {
        outbox.Ask(call.Room, call.Peer, new JingleMessage(JingleAction.SessionTerminate, initiate.Sid) { Reason = new JingleReason(why, words) }.ToElement());
        if (words is not null && !isPage) outbox.Send(RoomMessages.Write(call.Room, call.Peer, words));
    }
}
